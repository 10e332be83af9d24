import { StartError } from '../errors.js';

/**
 * How often in a row a process didn't come up that was to become something, or to be restored from it. One that didn't is the trouble of
 * one attempt, which boots instead; several in a row never will.
 */
export class StartFailures {
  readonly #inARow = new Map<string, number>();
  /** An error that several waited for is one failure. */
  readonly #counted = new WeakSet<StartError>();

  /** Counts a failure of `what`, once. @returns whether it is to be tried again another time */
  isOnlyThisTime(what: string, error: unknown): boolean {
    if (!(error instanceof StartError)) return false;
    const before = this.#inARow.get(what) ?? 0;
    const times = this.#counted.has(error) ? before : before + 1;
    this.#counted.add(error);
    this.#inARow.set(what, times);
    return times < mostInARow;
  }

  /** It came up. */
  cameUp(what: string): void {
    this.#inARow.delete(what);
  }
}

const mostInARow = 3;
