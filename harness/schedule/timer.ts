/** A timer that can be pushed ahead, with an owner that must clear it. */
export class Timer {
  #handle: NodeJS.Timeout | undefined;
  readonly #onDue: () => void;

  constructor(onDue: () => void) {
    this.#onDue = onDue;
  }

  /** Due in `seconds` from now; an earlier appointment is dropped. */
  restart(seconds: number): void {
    clearTimeout(this.#handle);
    this.#handle = setTimeout(this.#onDue, seconds * 1000);
  }

  clear(): void {
    clearTimeout(this.#handle);
    this.#handle = undefined;
  }

  get isRunning(): boolean {
    return this.#handle !== undefined;
  }
}
