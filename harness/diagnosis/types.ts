/** What consoles are read into. */

import type { Outcome } from '../matrix/types.js';

export const reportKinds = [
  'oops',
  'panic',
  'bug',
  'warning',
  'soft-lockup',
  'hard-lockup',
  'rcu-stall',
  'hung-task',
  'oom',
  'unregister-netdevice',
  'kasan',
  'ubsan',
  'lockdep',
  'refcount',
  'list-corruption',
  'bad-page',
  'slab-corruption',
  'memory-leak',
  'other',
] as const;
export type ReportKind = (typeof reportKinds)[number];

/** One frame of a stack trace. */
export interface Frame {
  readonly function: string;
  /** +0x71/0x80, as printed; '' where the kernel printed none. */
  readonly offset: string;
  readonly module: string;
  /** False for frames marked `?`: found on the stack, maybe stale; they never count for a signature. */
  readonly reliable: boolean;
}

/** One oops, panic, lockup, hung task, warning or stall found in a console. */
export interface Report {
  readonly kind: ReportKind;
  /** One line: "general protection fault in d_hash_and_lookup". */
  readonly title: string;
  /** Guilty function, '' where none can be named. */
  readonly function: string;
  /** What makes two reports the same bug: stable hash-like text, independent of addresses, pids, kernel line. */
  readonly signature: string;
  /** Name in known-issues.yml, or null. */
  readonly knownIssue: string | null;
  /** Others wrote into the text, or no stack is left of it: it counts as a report, its frames prove nothing. */
  readonly corrupted: boolean;
  /**
   * The text ends before the report does: a headline without its body, a `<TASK>` that isn't closed, an oops without the
   * end trace that its kernel prints. What is there holds. null: stored before kmatrix looked.
   */
  readonly truncated: boolean | null;
  /** Line of the console where it begins, from 1. */
  readonly line: number;
  readonly endLine: number;
  readonly frames: readonly Frame[];
  readonly cpu: number | null;
  readonly pid: number | null;
  readonly comm: string;
  /** Seconds since power-on by the console's own stamps; null without stamps. */
  readonly seconds: number | null;
}

/** Of a machine that was powered on and never ready. */
export interface BootWords {
  /** Whether a kernel came to say its name. */
  readonly isKernels: boolean;
  /** The console's last line, without its stamp; '' where it said nothing. */
  readonly last: string;
}

/** What the harness saw of an attempt beside the console. */
export interface Observations {
  readonly ready: boolean;
  /** Null where the machine was ready, or was resumed from one that had been. */
  readonly boot: BootWords | null;
  readonly done: {
    readonly status: 'passed' | 'failed' | 'unsupported' | 'killed';
    readonly signal: number;
    readonly iterations: number;
    readonly stopped: boolean;
    readonly reason: string;
  } | null;
  /** Why the wait ended: done; deadline (progress counters still moved); stuck (beats, but no iterations);
   *  silent (no beats, confirmed over QMP); exited (the machine ended before done); harness (our own failure). */
  readonly end: 'done' | 'deadline' | 'stuck' | 'silent' | 'exited' | 'harness';
  /** Our own failure, QEMU's last words, or ''. */
  readonly trouble: string;
  /** Longest gap between beats in seconds, and whether a beat came after it. */
  readonly longestGapSeconds: number;
  readonly cameBack: boolean;
  /** Machine-wide OOMs that took only what the load has for that (oom-victims.ts); none where nothing is said. */
  readonly loadsOwn?: ReadonlySet<Report>;
}

export interface Diagnosis {
  readonly outcome: Outcome;
  /** One sentence for the table's footnote. */
  readonly reason: string;
  /** Index into reports of the one that decided, or null. */
  readonly decisive: number | null;
  readonly reports: readonly Report[];
}
