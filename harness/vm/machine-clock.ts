import { type Clock, hostClock } from './deadline.js';

/** What the host keeps from a process: see Starvation. */
export interface Hindrance {
  /** Seconds since this was last asked in which it was ready to run, and others ran. */
  readonly since: () => number;
  /** Whether it can't run at all just now: stopped by a signal, or waiting for its own memory. */
  readonly isHeld: () => boolean;
}

export interface MachineClockOptions {
  readonly host?: Clock;
  /** By default what a look at a silent machine needs that has an eighth of its host to itself. */
  readonly forgivenSeconds?: number;
}

/**
 * A clock that stands still while the host keeps a machine from running. What it measures is what the machine could have
 * done: a kernel that says nothing for seconds of it had those seconds.
 *
 * It forgives a bounded time, so that what waits by it ends: after that it runs as the host's does, and `isSpent`.
 */
export class MachineClock implements Clock {
  readonly #hindrance: Hindrance;
  readonly #host: Clock;
  readonly #mostForgiven: number;
  #lookedAt: number;
  #lost = 0;

  constructor(hindrance: Hindrance, { host = hostClock, forgivenSeconds = 60 }: MachineClockOptions = {}) {
    this.#hindrance = hindrance;
    this.#host = host;
    this.#mostForgiven = forgivenSeconds * 1000;
    this.#lookedAt = host.now();
  }

  now(): number {
    const now = this.#host.now();
    // a look costs a read of /proc for each thread, and a chatty console asks for every chunk
    if (now - this.#lookedAt >= shortestLook) {
      // the first look hears of all that was ever waited, too: it can take no more away than what passed since
      const passed = now - this.#lookedAt;
      const waited = this.#hindrance.since() * 1000;
      this.#lost += this.#hindrance.isHeld() ? passed : Math.min(waited, passed);
      this.#lookedAt = now;
    }
    return now - Math.min(this.#lost, this.#mostForgiven);
  }

  /** At the latest when the host's clock has come so far, and every quarter of a second: for a caller that looks again. */
  alarm(milliseconds: number, ring: () => void): () => void {
    return this.#host.alarm(Math.min(milliseconds, longestLook), ring);
  }

  /** Whether the host took more than is forgiven: nothing can be said of the machine by this clock. */
  get isSpent(): boolean {
    return this.#lost >= this.#mostForgiven;
  }
}

/** Milliseconds between two looks. A process that is held between two of them is not seen to be. */
const shortestLook = 50;
const longestLook = 250;
