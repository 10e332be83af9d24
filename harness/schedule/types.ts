/** An attempt's result, and what a run says while it goes. */

import type { Diagnosis } from '../diagnosis/types.js';
import type { FactFrame, SampleFrame } from '../guest/types.js';
import type { ImageEvent } from '../images/types.js';
import type { AttemptKey, Cell } from '../matrix/types.js';

export interface AttemptResult extends Diagnosis {
  readonly key: AttemptKey;
  /** uname -r of the kernel that ran; '' where none did. */
  readonly release: string;
  readonly imageId: string;
  /** ISO time of its start, and seconds of wall clock from process start to verdict. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly bootSeconds: number | null;
  /** Seconds from the workload's start to the first report; null without one. */
  readonly secondsToReport: number | null;
  readonly iterations: number;
  readonly stopped: boolean;
  /** Guest time over host time of the calibration loop. */
  readonly slowness: number | null;
  readonly longestGapSeconds: number;
  readonly facts: readonly Omit<FactFrame, 'type'>[];
  readonly samples: readonly Omit<SampleFrame, 'type'>[];
  /** Evidence taken of a machine that stopped: registers, NMI, SysRq. Text, bounded; '' where none. */
  readonly evidence: string;
  /** Lines on ttyS1 that were no frames. */
  readonly garbledFrames: number;
}

export type RunEvent =
  | ImageEvent
  | {
      readonly type: 'run-started';
      readonly run: string;
      readonly cells: number;
      readonly attempts: number;
      readonly accelerator: string;
      readonly accelReason: string;
    }
  | { readonly type: 'attempt-started'; readonly key: AttemptKey; readonly cell: Cell }
  | {
      readonly type: 'attempt-state';
      readonly key: AttemptKey;
      readonly state: 'boot' | 'ready' | 'running' | 'evidence' | 'ending';
      readonly iterations: number;
    }
  | {
      readonly type: 'attempt-finished';
      readonly key: AttemptKey;
      readonly result: AttemptResult;
      readonly expected: boolean;
    }
  | { readonly type: 'run-finished'; readonly run: string; readonly interrupted: boolean };
