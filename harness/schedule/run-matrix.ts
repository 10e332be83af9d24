import PQueue from 'p-queue';
import { failedStartResult } from '../attempt/failed-start-result.js';
import type { Attempt, AttemptState, FinishedAttempt, Runner } from '../attempt/types.js';
import { unavailableResult } from '../attempt/unavailable.js';
import { expectedOutcome } from '../diagnosis/expectation.js';
import { HarnessBug } from '../errors.js';
import { anySignal } from '../host/any-signal.js';
import type { AttemptKey, Cell } from '../matrix/types.js';
import {
  type AttemptOptions,
  AttemptQueue,
  MemoryClaim,
  type QueueOfPQueue,
  queueClassOf,
} from './attempt-queue.js';
import { FailedStarts } from './failed-starts.js';
import { type CoresToFill, fillCores } from './fill-cores.js';
import type { RunEvent } from './types.js';

/** Attempts to run, in order; those that an earlier part of the same run finished are not among them. */
export interface Work {
  readonly cells: ReadonlyMap<string, Cell>;
  readonly keys: readonly AttemptKey[];
}

export interface RunParts {
  /** What a cell's machines are made of, or why they can't be. Called once per cell; slow the first time a kernel is met. */
  readonly prepare: (cell: Cell, signal: AbortSignal) => Promise<Prepared | Unavailable>;
  readonly runner: Runner;
  /** How long an attempt of a cell will take, as far as is known; it only orders them. */
  readonly expectedSeconds: (cell: Cell) => number;
  /** Puts an attempt on disk; the attempt isn't over before this has resolved. */
  readonly record: (finished: FinishedAttempt) => Promise<void>;
  readonly emit: (event: RunEvent) => void;
}

/** By content. */
export type Prepared = Pick<Attempt, 'image' | 'disks'>;

export interface Unavailable {
  readonly unavailable: string;
}

export interface Capacity {
  /** Machines at a time, usually. */
  readonly jobs: number;
  /** Where more may run while cores idle. */
  readonly spare?: CoresToFill | undefined;
  readonly memoryMiB: number;
}

/**
 * Runs attempts as cores and memory admit them, in the order of AttemptQueue. Images are prepared in the order of the
 * attempts given, ahead of the machines, so that fetching one kernel overlaps with running another. A machine that doesn't
 * come up is tried once more, and then that attempt's harness-error (FailedStarts). The first error that isn't a kernel's or
 * one machine's (a full disk, several attempts in a row without a machine) ends the run; what finished before it is recorded.
 *
 * @throws that first error, or what `signal` was aborted with
 */
export async function runMatrix(
  work: Work,
  parts: RunParts,
  capacity: Capacity,
  signal: AbortSignal,
): Promise<void> {
  const failure = new AbortController();
  // an attempt that was ended throws the signal's reason; only another error is a failure, also while the run ends
  const fail = (error: unknown): void => {
    if (!signal.aborted || error !== signal.reason) failure.abort(error);
  };
  const stop = anySignal([signal, failure.signal]);
  const waiting = new AttemptQueue(capacity.memoryMiB);
  const queue = new PQueue<QueueOfPQueue, AttemptOptions>({
    concurrency: capacity.jobs,
    queueClass: queueClassOf(waiting),
  });
  // the memory that a large one gives back may be enough for several; PQueue starts one where one has ended
  queue.on('next', () => startOthers(queue));
  const starts = new FailedStarts();
  using _filling = capacity.spare && fillCores(queue, capacity.spare, { isShort: () => waiting.isShort });
  const attempts: Promise<void>[] = [];
  const known = new Map<string, Promise<Prepared | Unavailable>>();
  const prepared = (cell: Cell): Promise<Prepared | Unavailable> => {
    const parts = known.get(cell.id) ?? prepareOrFail(cell);
    known.set(cell.id, parts);
    return parts;
  };
  const prepareOrFail = async (cell: Cell): Promise<Prepared | Unavailable> =>
    await parts.prepare(cell, stop).catch((error: unknown) => {
      fail(error);
      return { unavailable: 'the run ended first' };
    });

  for (const key of work.keys) {
    const cell = work.cells.get(key.cell);
    if (cell === undefined) throw new HarnessBug(`an attempt of a cell that isn't in the run: ${key.cell}`);
    const made = cell.unsupported === undefined ? await prepared(cell) : { unavailable: cell.unsupported };
    if (stop.aborted) break;
    const attempt = 'unavailable' in made ? made : { key, cell, ...made };
    const turn = {
      control: cell.role !== 'matrix',
      index: key.index,
      expectedSeconds: parts.expectedSeconds(cell),
    };
    const memory =
      'unavailable' in attempt ? undefined : new MemoryClaim(() => parts.runner.memoryMiB(attempt));
    const run = async (): Promise<void> => {
      using _claim = { [Symbol.dispose]: () => memory?.release() };
      if (stop.aborted) return;
      if ('unavailable' in attempt) {
        const outcome = cell.unsupported === undefined ? 'unavailable' : 'unsupported';
        const result = { ...unavailableResult(key, attempt.unavailable), outcome } as const;
        return await finish(cell, { result, console: '' }, parts);
      }
      await runOne(attempt, parts, starts, stop, waiting.next(capacity.jobs));
    };
    // before PQueue starts another in its place
    const running = queue.add(
      () => run().catch(fail),
      'unavailable' in attempt ? { turn } : { turn, attempt, memory },
    );
    attempts.push(running);
  }
  await Promise.all(attempts);
  if (!stop.aborted) await starts.settle();
  failure.signal.throwIfAborted();
  signal.throwIfAborted();
}

/** PQueue looks at all that wait when it is told how many may run. */
function startOthers(queue: { concurrency: number }): void {
  const { concurrency } = queue;
  queue.concurrency = concurrency;
}

async function runOne(
  attempt: Attempt,
  parts: RunParts,
  starts: FailedStarts,
  signal: AbortSignal,
  next: readonly Attempt[],
): Promise<void> {
  signal.throwIfAborted();
  const { key, cell } = attempt;
  parts.emit({ type: 'attempt-started', key, cell });
  // its own machine may stand by already
  parts.runner.expect?.([attempt, ...next]);
  const onState = (state: AttemptState, iterations: number): void => {
    if (state === 'ready') starts.cameUp();
    parts.emit({ type: 'attempt-state', key, state, iterations });
  };
  const run = (): Promise<FinishedAttempt> => parts.runner.run(attempt, { signal, onState });
  const finished = await starts.twice(run, signal, (error) =>
    finish(cell, { result: failedStartResult(attempt, error), console: '' }, parts),
  );
  if (finished === undefined) return;
  starts.cameUp();
  await starts.record();
  await finish(cell, finished, parts);
}

async function finish(cell: Cell, finished: FinishedAttempt, parts: RunParts): Promise<void> {
  await parts.record(finished);
  const { result } = finished;
  parts.emit({ type: 'attempt-finished', key: result.key, result, expected: expectedOutcome(cell, result) });
}
