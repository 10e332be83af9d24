import type { Queue, QueueAddOptions } from 'p-queue';
import type { Attempt } from '../attempt/types.js';

/** What decides when an attempt's turn comes. */
export interface Turn {
  readonly control: boolean;
  /** Which attempt of its cell it is, from 0. */
  readonly index: number;
  readonly expectedSeconds: number;
}

export interface AttemptOptions extends QueueAddOptions {
  readonly turn?: Turn;
  /** Absent where there is no image to run. */
  readonly attempt?: Attempt | undefined;
}

type Run = () => Promise<unknown>;
type Waiting = {
  readonly run: Run;
  readonly order: number;
  readonly turn: Turn;
  readonly attempt?: Attempt | undefined;
};

/**
 * Attempts that wait for a machine. Controls come first; then each cell has its turn once before any has it twice, so that
 * no cell starves behind another's many attempts; of those, the longest first, since what is left at the end should be
 * short (Graham 1969, bounds on multiprocessing timing anomalies). A binary heap.
 */
export class AttemptQueue implements Queue<Run, AttemptOptions> {
  readonly #heap: Waiting[] = [];
  #entered = 0;

  get size(): number {
    return this.#heap.length;
  }

  enqueue(run: Run, { turn = anyTime, attempt }: Partial<AttemptOptions> = {}): void {
    this.#heap.push({ run, order: this.#entered++, turn, attempt });
    this.#rise(this.#heap.length - 1);
  }

  dequeue(): Run | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first !== undefined && last !== undefined && first !== last) {
      this.#heap[0] = last;
      this.#sink();
    }
    return first?.run;
  }

  /** About the next ones, soonest first: the first level that a heap keeps in order, sorted. */
  next(count: number): Attempt[] {
    const near = this.#heap.slice(0, 4 * count).sort(byTurn);
    return near.flatMap(({ attempt }) => attempt ?? []).slice(0, count);
  }

  /** Asked for by PQueue alone, for tasks added with a priority; ours have turns. */
  filter(): Run[] {
    return this.#heap.toSorted(byTurn).map(({ run }) => run);
  }

  setPriority(): void {}

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swapsIfSooner(at, parent)) return;
      at = parent;
    }
  }

  #sink(): void {
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const sooner = this.#isSooner(right, left) ? right : left;
      if (!this.#swapsIfSooner(sooner, at)) return;
      at = sooner;
    }
  }

  #swapsIfSooner(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined || byTurn(one, other) > 0) return false;
    this.#heap[a] = other;
    this.#heap[b] = one;
    return true;
  }

  #isSooner(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    return one !== undefined && other !== undefined && byTurn(one, other) < 0;
  }
}

const anyTime: Turn = { control: false, index: Number.MAX_SAFE_INTEGER, expectedSeconds: 0 };

function byTurn(a: Waiting, b: Waiting): number {
  if (a.turn.control !== b.turn.control) return a.turn.control ? -1 : 1;
  if (a.turn.index !== b.turn.index) return a.turn.index - b.turn.index;
  if (a.turn.expectedSeconds !== b.turn.expectedSeconds) {
    return b.turn.expectedSeconds - a.turn.expectedSeconds;
  }
  return a.order - b.order;
}
