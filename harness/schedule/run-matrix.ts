import PQueue from 'p-queue';
import { expectedOutcome } from '../diagnosis/index.js';
import { HarnessBug } from '../errors.js';
import type { Image } from '../images/types.js';
import type { AttemptKey, Cell } from '../matrix/types.js';
import { MemoryGate } from './memory-gate.js';
import type { Attempt, AttemptState, FinishedAttempt, RunEvent, Runner } from './types.js';
import { unavailableResult } from './unavailable.js';

/** Attempts to run, in order; those that an earlier part of the same run finished are not among them. */
export interface Work {
  readonly cells: ReadonlyMap<string, Cell>;
  readonly keys: readonly AttemptKey[];
}

export interface RunParts {
  /** The image of a cell, or why there is none. Called once a cell; slow the first time a kernel is met. */
  readonly prepare: (cell: Cell, signal: AbortSignal) => Promise<Image | Unavailable>;
  readonly runner: Runner;
  /** Puts an attempt on disk; the attempt isn't over before this has resolved. */
  readonly record: (finished: FinishedAttempt) => Promise<void>;
  readonly emit: (event: RunEvent) => void;
}

export interface Unavailable {
  readonly unavailable: string;
}

export interface Capacity {
  /** Machines at a time. */
  readonly jobs: number;
  readonly memoryMiB: number;
}

/**
 * Runs attempts as cores and memory admit them, in the order given. Images are prepared in the same order, ahead of the
 * machines, so that fetching one kernel overlaps with running another. The first error that isn't a kernel's (a full
 * disk, a QEMU that can't be started) ends the run; what finished before it is recorded.
 *
 * @throws what `signal` was aborted with, or that first error
 */
export async function runMatrix(
  work: Work,
  parts: RunParts,
  capacity: Capacity,
  signal: AbortSignal,
): Promise<void> {
  const failure = new AbortController();
  const stop = AbortSignal.any([signal, failure.signal]);
  const queue = new PQueue({ concurrency: capacity.jobs });
  const memory = new MemoryGate(capacity.memoryMiB);
  const attempts: Promise<void>[] = [];
  const upcoming: Attempt[] = [];
  const images = new Map<string, Promise<Image | Unavailable>>();
  const prepared = (cell: Cell): Promise<Image | Unavailable> => {
    const image = images.get(cell.id) ?? prepareOrFail(cell);
    images.set(cell.id, image);
    return image;
  };
  const prepareOrFail = (cell: Cell): Promise<Image | Unavailable> =>
    parts.prepare(cell, stop).catch((error: unknown) => {
      failure.abort(error);
      return { unavailable: 'the run ended first' };
    });

  for (const key of work.keys) {
    const cell = work.cells.get(key.cell);
    if (cell === undefined) throw new HarnessBug(`an attempt of a cell that isn't in the run: ${key.cell}`);
    const image = await prepared(cell);
    if (stop.aborted) break;
    const coming = 'unavailable' in image ? undefined : { key, cell, image };
    if (coming) upcoming.push(coming);
    const attempt = queue.add(() =>
      memory.within(cell.workload.machine.memoryMiB, async () => {
        if (coming) upcoming.splice(upcoming.indexOf(coming), 1);
        parts.runner.expect?.(upcoming.slice(0, capacity.jobs));
        if (!stop.aborted) await runOne(cell, key, image, parts, stop);
      }),
    );
    attempts.push(attempt.catch((error: unknown) => failure.abort(error)));
    // preparing far ahead of the machines would only fill memory with promises
    await queue.onSizeLessThan(readAhead);
  }
  await Promise.all(attempts);
  stop.throwIfAborted();
}

const readAhead = 64;

async function runOne(
  cell: Cell,
  key: AttemptKey,
  image: Image | Unavailable,
  parts: RunParts,
  signal: AbortSignal,
): Promise<void> {
  if ('unavailable' in image) {
    return await finish(cell, { result: unavailableResult(key, image.unavailable), console: '' }, parts);
  }
  parts.emit({ type: 'attempt-started', key, cell });
  const onState = (state: AttemptState, iterations: number): void =>
    parts.emit({ type: 'attempt-state', key, state, iterations });
  await finish(cell, await parts.runner.run({ key, cell, image }, { signal, onState }), parts);
}

async function finish(cell: Cell, finished: FinishedAttempt, parts: RunParts): Promise<void> {
  await parts.record(finished);
  const { result } = finished;
  parts.emit({ type: 'attempt-finished', key: result.key, result, expected: expectedOutcome(cell, result) });
}
