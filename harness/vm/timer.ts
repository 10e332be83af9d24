import { type Clock, hostClock } from './deadline.js';

/** A timer that can be pushed ahead, with an owner that must clear it. */
export class Timer {
  #cancel: (() => void) | undefined;
  readonly #onDue: () => void;
  readonly #clock: Clock;

  constructor(onDue: () => void, clock: Clock = hostClock) {
    this.#onDue = onDue;
    this.#clock = clock;
  }

  /** Due in `seconds` from now; an earlier appointment is dropped. */
  restart(seconds: number): void {
    this.#cancel?.();
    this.#cancel = this.#clock.alarm(seconds * 1000, this.#onDue);
  }

  clear(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
