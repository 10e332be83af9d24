/** Admits work while its memory fits a budget, first come first served, so that a large machine is never starved. */
export class MemoryGate {
  readonly #budgetMiB: number;
  #usedMiB = 0;
  readonly #waiting: { readonly sizeMiB: number; readonly admit: () => void }[] = [];

  constructor(budgetMiB: number) {
    this.#budgetMiB = budgetMiB;
  }

  /** Whether something waits for memory. */
  get isFull(): boolean {
    return this.#waiting.length > 0;
  }

  /** Runs `work` once `sizeMiB` fit; a size over the whole budget is admitted alone. */
  async within<T>(sizeMiB: number, work: () => Promise<T>): Promise<T> {
    const charge = Math.min(sizeMiB, this.#budgetMiB);
    await this.#enter(charge);
    try {
      return await work();
    } finally {
      this.#usedMiB -= charge;
      this.#admitWaiting();
    }
  }

  #enter(sizeMiB: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ sizeMiB, admit: resolve });
      this.#admitWaiting();
    });
  }

  #admitWaiting(): void {
    for (
      let next = this.#waiting[0];
      next && this.#usedMiB + next.sizeMiB <= this.#budgetMiB;
      next = this.#waiting[0]
    ) {
      this.#waiting.shift();
      this.#usedMiB += next.sizeMiB;
      next.admit();
    }
  }
}
