/** What a run says while it goes. */

import type { AttemptResult, AttemptState } from '../attempt/types.js';
import type { GuestEvent } from '../guest/build/guest-event.js';
import type { ImageEvent } from '../kernels/types.js';
import type { AttemptKey, Cell } from '../matrix/types.js';

export type RunEvent =
  | ImageEvent
  | GuestEvent
  | {
      readonly type: 'run-started';
      readonly run: string;
      readonly cells: number;
      /** How many there are to run, by cell. */
      readonly attempts: Readonly<Record<string, number>>;
      readonly accelerator: string;
      readonly accelReason: string;
    }
  /** Of the run as a whole: what is to be known of it, though it goes on. */
  | { readonly type: 'run-warning'; readonly warning: string }
  /** The known-good control's kernel was never ready under KVM, and is under TCG: the run goes on with that. */
  | { readonly type: 'kvm-dropped'; readonly reason: string }
  /** A kernel that KVM doesn't boot on this host, though it boots others, and TCG does. */
  | { readonly type: 'only-tcg-boots'; readonly kernel: string; readonly reason: string }
  /** Attempts on this kernel boot, though they were to start from a template. */
  | { readonly type: 'boots-cold'; readonly kernel: string; readonly reason: string }
  /** Attempts on this kernel are restored from a saved template, though they were to be copied from a live one. */
  | { readonly type: 'not-copied'; readonly kernel: string; readonly reason: string }
  | { readonly type: 'attempt-started'; readonly key: AttemptKey; readonly cell: Cell }
  | {
      readonly type: 'attempt-state';
      readonly key: AttemptKey;
      readonly state: AttemptState;
      readonly iterations: number;
    }
  | {
      readonly type: 'attempt-finished';
      readonly key: AttemptKey;
      readonly result: AttemptResult;
      readonly expected: boolean;
    }
  | { readonly type: 'run-finished'; readonly run: string; readonly interrupted: boolean };
