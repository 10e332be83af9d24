import type { BeatFrame } from './types.js';

/** The guest's pulse by the host's clock: when it beat last, its longest silence, its last progress. */
export class Beats {
  readonly #now: () => number;
  #last: number | null = null;
  #closedAt: number | null = null;
  #longestPast = 0;
  #iterations = 0;
  #progressAt: number | null = null;
  #count = 0;
  #uptime: number | null = null;

  /** @param now milliseconds of a monotonic clock */
  constructor(now: () => number) {
    this.#now = now;
  }

  beat({ iterations, uptime }: BeatFrame): void {
    const now = this.#now();
    if (this.#last !== null) this.#longestPast = Math.max(this.#longestPast, now - this.#last);
    this.#last = now;
    this.#uptime = uptime;
    this.#count += 1;
    if (this.#progressAt === null || iterations > this.#iterations) this.#progressAt = now;
    this.#iterations = Math.max(this.#iterations, iterations);
  }

  /** The channel ended: silence from here on is no gap. */
  close(): void {
    this.#closedAt ??= this.#now();
  }

  get count(): number {
    return this.#count;
  }

  get iterations(): number {
    return this.#iterations;
  }

  /** Milliseconds of the clock; null before the first beat. */
  get lastAt(): number | null {
    return this.#last;
  }

  /** Seconds since power-on by the guest's own clock, as the last beat told; null before the first. */
  get uptime(): number | null {
    return this.#uptime;
  }

  /** When a beat last told more iterations than before, or the first beat came. */
  get progressAt(): number | null {
    return this.#progressAt;
  }

  /** Longest silence between beats or since the last one, in seconds. */
  get longestGapSeconds(): number {
    return Math.max(this.#longestPast, this.#currentGap) / 1000;
  }

  /** Whether a beat came after the longest silence. */
  get cameBack(): boolean {
    return this.#longestPast >= this.#currentGap && this.#longestPast > 0;
  }

  get #currentGap(): number {
    return this.#last === null ? 0 : (this.#closedAt ?? this.#now()) - this.#last;
  }
}
