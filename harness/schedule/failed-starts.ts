import { HostError, StartError } from '../errors.js';
import { alarm } from '../host/alarm.js';

/**
 * Machines that didn't come up. One bad start (too many processes, no memory for a moment) is one attempt's: it is tried once more, as soon
 * as another attempt has given back what it had, or after some seconds, and then recorded as a harness-error. Several attempts in a row are the
 * host's: they end the run, and none of them is recorded, so that they run again where it is resumed.
 */
export class FailedStarts {
  /** Records attempts that failed since a machine came up last. */
  #held: (() => Promise<void>)[] = [];
  /** Likewise of those after which one came up: to be recorded. */
  #confirmed: (() => Promise<void>)[] = [];
  /** Attempts that run, and what waits for one of them to end. */
  #running = 0;
  readonly #waiting = new Set<() => void>();
  readonly #patienceSeconds: number;

  /** @param patienceSeconds how long a second try waits for another attempt to end, which may be hours away */
  constructor(patienceSeconds = 5) {
    this.#patienceSeconds = patienceSeconds;
  }

  /**
   * Runs an attempt, and once more where its machine didn't come up.
   *
   * @param record what came of it where neither did
   * @returns undefined where neither did
   * @throws HostError where that happened to several attempts in a row; whatever else `run` throws
   */
  async twice<T>(
    run: () => Promise<T>,
    signal: AbortSignal,
    record: (error: StartError) => Promise<void>,
  ): Promise<T | undefined> {
    try {
      return await this.#counted(run);
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
    }
    await this.#anotherEnded(signal);
    try {
      return await this.#counted(run);
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      this.#held.push(() => record(error));
      if (this.#held.length < mostInARow) return undefined;
      throw new HostError(`no machine came up for ${mostInARow} attempts in a row: ${error.message}`, {
        where: error.where,
        remedy: 'see why with kmatrix doctor, then go on with --resume: these attempts run again',
        cause: error,
      });
    }
  }

  /** A machine came up: what failed before was those attempts' own. */
  cameUp(): void {
    this.#confirmed.push(...this.#held.splice(0));
  }

  /** Puts on disk what failed before one came up. */
  async record(): Promise<void> {
    for (const record of this.#confirmed.splice(0)) await record();
  }

  /** The run is through: whatever failed is recorded. */
  async settle(): Promise<void> {
    this.cameUp();
    await this.record();
  }

  async #counted<T>(run: () => Promise<T>): Promise<T> {
    this.#running += 1;
    try {
      return await run();
    } finally {
      this.#running -= 1;
      for (const wake of this.#waiting) wake();
    }
  }

  /** Comes at once where none runs. */
  async #anotherEnded(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#running === 0) return;
    await new Promise<void>((resolve) => {
      const cancel = alarm(this.#patienceSeconds * 1000, () => wake());
      const wake = (): void => {
        cancel();
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
    signal.throwIfAborted();
  }
}

/** With two tries each, ten starts that failed. */
const mostInARow = 5;
