import type { Matrix, Patterns } from '../matrix/types.js';
import type { RunRequest } from '../run/types.js';
import type { RunEvent } from '../schedule/types.js';
import type { Chosen } from './choose-kernels.js';

/** What every reproduction is asked with, whatever its bug shows itself by. */
export interface BugRequest
  extends Pick<RunRequest, 'out' | 'seed' | 'jobs' | 'accelerator' | 'start' | 'offline' | 'version'> {
  readonly matrix: Matrix;
  /** Of kernel ids; none: the kernels that the bug names, as far as they are at hand. */
  readonly kernels: Patterns;
  readonly attempts?: number | undefined;
  readonly minutes?: number | undefined;
}

export interface BugEvents {
  readonly emit: (event: RunEvent) => void;
  /** Called with the kernels before the first machine starts. */
  readonly onChosen: (chosen: Chosen) => void;
}
