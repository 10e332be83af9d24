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
  /** Host memory that it takes; none where absent. It gives it back itself. */
  readonly memory?: MemoryClaim | undefined;
}

/** Memory that one attempt will take: from when its turn has come until it gives it back. */
export class MemoryClaim {
  /** MiB, asked for when its turn comes: what earlier attempts took is known better by then. */
  readonly wantedMiB: () => number;
  #release: () => void = () => {};

  constructor(wantedMiB: () => number) {
    this.wantedMiB = wantedMiB;
  }

  take(release: () => void): void {
    this.#release = release;
  }

  release(): void {
    this.#release();
    this.#release = () => {};
  }
}

type Run = () => Promise<unknown>;
interface Waiting {
  readonly run: Run;
  readonly order: number;
  readonly turn: Turn;
  readonly attempt: Attempt | undefined;
  readonly memory: MemoryClaim | undefined;
  /** How many were taken before it, for want of memory, though its turn had come. */
  passedOver: number;
}

/**
 * Attempts that wait for a machine: PQueue asks it what comes next. Controls come first; then each cell has its turn once before any
 * has it twice, so that no cell starves behind another's many attempts; of those, the longest first, since what is left at the
 * end should be short (Graham 1969, bounds on multiprocessing timing anomalies).
 *
 * An attempt for which there is no memory holds no slot: those after it that fit are taken before it, but for so many only. One that
 * is larger than the whole budget runs alone. A binary heap.
 */
export class AttemptQueue implements Queue<Run, AttemptOptions> {
  readonly #heap: Waiting[] = [];
  readonly #budgetMiB: number;
  #usedMiB = 0;
  #entered = 0;

  /** @param budgetMiB for all that run at a time */
  constructor(budgetMiB = Number.POSITIVE_INFINITY) {
    this.#budgetMiB = budgetMiB;
  }

  /** For PQueue: 0 where none can be taken now. It asks again when one has ended. */
  get size(): number {
    return this.#taken() === undefined ? 0 : this.#heap.length;
  }

  /** Whether some wait for nothing but memory. */
  get isShort(): boolean {
    return this.#heap.length > 0 && this.#taken() === undefined;
  }

  enqueue(run: Run, options: Partial<AttemptOptions> = {}): void {
    const { turn = anyTime, attempt, memory } = options;
    this.#heap.push({ run, order: this.#entered++, turn, attempt, memory, passedOver: 0 });
    this.#rise(this.#heap.length - 1);
  }

  /** The one whose turn it is, of those that there is memory for. */
  dequeue(): Run | undefined {
    const at = this.#taken();
    const taken = at === undefined ? undefined : this.#heap[at];
    if (at === undefined || taken === undefined) return undefined;
    const [first] = this.#heap;
    if (first !== undefined && first !== taken) first.passedOver += 1;
    this.#remove(at);
    const size = this.#chargeOf(taken);
    this.#usedMiB += size;
    taken.memory?.take(() => {
      this.#usedMiB -= size;
    });
    return taken.run;
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

  /** Place in the heap of the one to take now; undefined where there is none, or no memory for any. */
  #taken(): number | undefined {
    const [first] = this.#heap;
    if (first === undefined) return undefined;
    if (this.#fits(first)) return 0;
    if (first.passedOver >= mostPassedOver) return undefined;
    let soonest: number | undefined;
    for (const [at, waiting] of this.#heap.entries()) {
      if (!this.#fits(waiting)) continue;
      const other = soonest === undefined ? undefined : this.#heap[soonest];
      if (other === undefined || byTurn(waiting, other) < 0) soonest = at;
    }
    return soonest;
  }

  #fits = (waiting: Waiting): boolean => this.#usedMiB + this.#chargeOf(waiting) <= this.#budgetMiB;

  #chargeOf = ({ memory }: Waiting): number => Math.min(memory?.wantedMiB() ?? 0, this.#budgetMiB);

  #remove(at: number): void {
    const last = this.#heap.pop();
    if (last === undefined || at === this.#heap.length) return;
    this.#heap[at] = last;
    this.#sink(at);
    this.#rise(at);
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swapsIfSooner(at, parent)) return;
      at = parent;
    }
  }

  #sink(from: number): void {
    for (let at = from; ; ) {
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

export type QueueOfPQueue = Queue<Run, AttemptOptions>;

/** PQueue makes its own queue: one that passes all on to this one, which is looked into from outside. */
export const queueClassOf = (queue: AttemptQueue): (new () => QueueOfPQueue) =>
  class {
    get size(): number {
      return queue.size;
    }
    enqueue = (run: Run, options?: Partial<AttemptOptions>): void => queue.enqueue(run, options);
    dequeue = (): Run | undefined => queue.dequeue();
    filter = (): Run[] => queue.filter();
    setPriority = (): void => {};
  };

/** Then nothing starts before it, and its memory comes free. */
const mostPassedOver = 16;
const anyTime: Turn = { control: false, index: Number.MAX_SAFE_INTEGER, expectedSeconds: 0 };

function byTurn(a: Waiting, b: Waiting): number {
  if (a.turn.control !== b.turn.control) return a.turn.control ? -1 : 1;
  if (a.turn.index !== b.turn.index) return a.turn.index - b.turn.index;
  if (a.turn.expectedSeconds !== b.turn.expectedSeconds) {
    return b.turn.expectedSeconds - a.turn.expectedSeconds;
  }
  return a.order - b.order;
}
