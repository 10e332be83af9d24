/** One attempt: what it needs, and what came of it. */

import type { Diagnosis } from '../diagnosis/types.js';
import type { StartFiles } from '../disks/start-files.js';
import type { FactFrame, SampleFrame } from '../guest/types.js';
import type { Image, ImageReference } from '../kernels/types.js';
import type { AttemptKey, Cell } from '../matrix/types.js';
import type { Start } from '../templates/opened.js';
import type { Disk } from '../vm/types.js';

export interface AttemptResult extends Diagnosis {
  readonly key: AttemptKey;
  /** uname -r of the kernel that ran; '' where none did. */
  readonly release: string;
  readonly imageId: string;
  /** Ids of its disks, and of the files that it started with; absent where it had none. */
  readonly disks?: readonly string[];
  readonly files?: string;
  /** ISO time of its start, and seconds of wall clock from process start to verdict. */
  readonly startedAt: string;
  readonly seconds: number;
  /** How its machine came to READY. */
  readonly start: Start;
  /** See Opened. */
  readonly bootSeconds: number | null;
  readonly readySeconds: number | null;
  /** Seconds from the workload's start to the first report; null without one. */
  readonly secondsToReport: number | null;
  /** Iterations that the workload finished, and how many it was asked for; null where that isn't known any more. */
  readonly iterations: number;
  readonly iterationsAsked: number | null;
  /** Seconds from the workload's start to its end or its last sign of life, by the guest's own clock; null where it never began. */
  readonly workSeconds: number | null;
  /** It hit its time limit while it still made progress: what it might have met after that isn't known (right-censored). */
  readonly censored: boolean;
  /** The workload ended early because it was asked to. */
  readonly stopped: boolean;
  /** Guest time over host time of the calibration loop. */
  readonly slowness: number | null;
  readonly longestGapSeconds: number;
  readonly facts: readonly Omit<FactFrame, 'type'>[];
  readonly samples: readonly Omit<SampleFrame, 'type'>[];
  /** Evidence taken of a machine or a workload that stopped: registers, NMI, SysRq. Text, bounded; '' where none. */
  readonly evidence: string;
  /** Lines on ttyS1 that were no frames. */
  readonly garbledFrames: number;
  /** Frames that the guest numbered and that never came; null in runs from before it was recorded. */
  readonly missingFrames: number | null;
  /** Facts and samples over the bounds, which weren't kept; likewise. */
  readonly overflow: number | null;
}

/** Everything that an attempt needs, as data: as JSON it can be sent to another host that has the image. */
export interface Attempt {
  readonly key: AttemptKey;
  readonly cell: Cell;
  readonly image: ImageReference;
  /** Ids of its disks (Disk), in their order. */
  readonly disks?: readonly string[];
  /** Id of the files that it starts with (StartFiles). */
  readonly files?: string;
}

/** The same on a host that has opened all of it. */
export interface LocalAttempt extends Pick<Attempt, 'key' | 'cell'> {
  readonly image: Image;
  readonly disks?: readonly Disk[];
  readonly files?: StartFiles | undefined;
}

export interface FinishedAttempt {
  readonly result: AttemptResult;
  /** ttyS0 as kept: bounded, in the kernel's own words. */
  readonly console: string;
}

export type AttemptState = 'boot' | 'ready' | 'running' | 'evidence' | 'ending';

export interface RunnerOptions {
  readonly signal: AbortSignal;
  readonly onState: (state: AttemptState, iterations: number) => void;
}

/** Who runs attempts: this host, or later a fleet. */
export interface Runner {
  /**
   * Runs one attempt to its verdict. Whatever goes wrong with kernel or machine is in the result.
   *
   * @throws only what `signal` was aborted with, and StartError where its machine didn't come up
   */
  run(attempt: Attempt, options: RunnerOptions): Promise<FinishedAttempt>;

  /** Host memory that an attempt will need at most, as far as is known. */
  memoryMiB(attempt: Attempt): number;

  /** The one that comes now and those that come next, soonest first, so that it can make ready for them. */
  expect?(attempts: readonly Attempt[]): void;
}
