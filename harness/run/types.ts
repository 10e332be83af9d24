/** A run as it is asked for, while it goes, and as it ended. */

import type { AttemptResult } from '../attempt/types.js';
import type { AttemptKey, Cell, Matrix, Selection } from '../matrix/types.js';
import type { BegunImages } from '../results/begun-images.js';
import type { RunStore } from '../results/run-store.js';
import type { StartMode } from '../templates/opened.js';
import type { AcceleratorChoice } from '../vm/accelerator.js';

export interface RunRequest {
  readonly matrix: Matrix;
  readonly selection: Selection;
  /** Folder of an earlier run that goes on; its own selection and seed count. */
  readonly resume?: string | undefined;
  /** Of an earlier run: its kernels and images are used again, and nothing in their place. A run that is resumed has its own. */
  readonly images?: BegunImages | undefined;
  /** Folder below which runs are kept. */
  readonly out: string;
  /** Unsigned 32 bits; chosen where absent. */
  readonly seed?: number | undefined;
  readonly jobs?: number | undefined;
  readonly accelerator: AcceleratorChoice;
  /** How machines come to READY, but for cells that matrix.yml has boot. */
  readonly start: StartMode;
  readonly offline: boolean;
  /** Ask the sources for newer kernels than the cache holds. */
  readonly refresh: boolean;
  readonly version: string;
  /** Ends the run once it is true of an attempt that finished; what runs then is ended and counts for nothing. */
  readonly until?: ((result: AttemptResult) => boolean) | undefined;
  /** Ends the run after so long, likewise. */
  readonly limitSeconds?: number | undefined;
  /** Which of the run's attempts this call runs; a later one that resumes it runs others. All by default. */
  readonly only?: ((key: AttemptKey) => boolean) | undefined;
  /** See LocalRunnerOptions. */
  readonly endAtReport?: boolean | undefined;
}

export interface PerformedRun {
  readonly folder: string;
  readonly interrupted: boolean;
  /** Whether `limitSeconds` ended it. */
  readonly outOfTime: boolean;
}

/** A run's store, in a session that has begun, and its cells. */
export interface Begun {
  readonly store: RunStore;
  readonly cells: readonly Cell[];
}
