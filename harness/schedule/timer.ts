import { alarm } from '../host/alarm.js';

/** A timer that can be pushed ahead, with an owner that must clear it. */
export class Timer {
  #cancel: (() => void) | undefined;
  readonly #onDue: () => void;

  constructor(onDue: () => void) {
    this.#onDue = onDue;
  }

  /** Due in `seconds` from now; an earlier appointment is dropped. */
  restart(seconds: number): void {
    this.#cancel?.();
    this.#cancel = alarm(seconds * 1000, this.#onDue);
  }

  clear(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  get isRunning(): boolean {
    return this.#cancel !== undefined;
  }
}
