/**
 * The one error family. Each says what went wrong, where, and what to do next; the exit code belongs to the class
 * (README, "Exit codes"). What a kernel does wrong is an outcome, a value, and never one of these.
 */
export abstract class KmatrixError extends Error {
  abstract readonly exitCode: number;
  readonly where: string | undefined;
  readonly remedy: string | undefined;

  constructor(what: string, { where, remedy, cause }: ErrorDetails = {}) {
    super(what, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.where = where;
    this.remedy = remedy;
  }
}

export interface ErrorDetails {
  /** File, and line:column where there is one. */
  readonly where?: string | undefined;
  /** One sentence: what the reader can do about it. */
  readonly remedy?: string | undefined;
  readonly cause?: unknown;
}

/** The caller's words or files are wrong: command line, matrix.yml, an input file. */
export class UsageError extends KmatrixError {
  readonly exitCode = 2;
}

/** A kernel image can't be had or doesn't verify. In a run it makes a row `unavailable`, it doesn't end the run. */
export class ImageError extends KmatrixError {
  readonly exitCode = 3;
}

/** This host can't do it: no QEMU, no space, no permission. */
export class HostError extends KmatrixError {
  readonly exitCode = 3;
}

/** A machine's process didn't come up (too many processes, no memory), which says nothing of the next one's. */
export class StartError extends HostError {}

/** A state that kmatrix's own code should have made impossible. */
export class HarnessBug extends KmatrixError {
  readonly exitCode = 70;
}

/** The message of anything thrown, without its stack. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
