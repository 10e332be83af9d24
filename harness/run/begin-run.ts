import { randomInt } from 'node:crypto';
import { rowsInCache } from '../kernels/sources/cached-kernel.js';
import { cellIdIn } from '../matrix/axis-rows.js';
import { cellsHash, expand } from '../matrix/expand.js';
import type { Matrix } from '../matrix/types.js';
import { RunStore } from '../results/run-store.js';
import type { SessionFacts } from '../results/session.js';
import type { ImageShelf } from './image-shelf.js';
import type { Begun, RunRequest } from './types.js';

/**
 * Makes a new run of what is selected.
 *
 * @throws UsageError for a selection that means nothing, HostError where the run's folder can't be written
 */
export async function beginRun(
  {
    matrix,
    selection,
    out,
    seed = randomInt(2 ** 32),
  }: Pick<RunRequest, 'matrix' | 'selection' | 'out' | 'seed'>,
  shelf: Pick<ImageShelf, 'firstOf'>,
  facts: SessionFacts,
): Promise<Begun> {
  const chosen = selection.cells === undefined ? await controlCells(matrix, shelf) : new Set<string>();
  const cells = expand(matrix, selection, ({ id }, { workload, rows }) =>
    chosen.has(cellIdIn(matrix, { kernel: id, workload, rows })),
  );
  const hashes = { matrixHash: matrix.hash, cellsHash: cellsHash(cells) };
  const store = await RunStore.create(out, { ...facts, ...hashes, seed, selection, cells });
  return { store, cells };
}

/**
 * Each control runs on the first of its kernels that can be had here, with the headers that its module is built with. A
 * kernel that would have to be built first is passed over: nobody asked for these minutes.
 */
async function controlCells(matrix: Matrix, shelf: Pick<ImageShelf, 'firstOf'>): Promise<Set<string>> {
  const chosen = new Set<string>();
  const built = await rowsInCache(matrix.kernels.filter(({ source }) => source.kind === 'tree'));
  for (const { kernels, workload, rows: unusual } of matrix.controls) {
    const rows = kernels
      .flatMap((id) => matrix.kernels.filter((row) => row.id === id))
      .filter(({ id, source }) => source.kind !== 'tree' || built.has(id));
    const modules = matrix.workloads.find(({ id }) => id === workload)?.modules ?? [];
    const row = await shelf.firstOf(rows, modules);
    if (row !== undefined) chosen.add(cellIdIn(matrix, { kernel: row.id, workload, rows: unusual }));
  }
  return chosen;
}
