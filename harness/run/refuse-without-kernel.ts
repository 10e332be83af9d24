import { HostError } from '../errors.js';
import { rowsInCache } from '../kernels/sources/cached-kernel.js';
import { expand } from '../matrix/expand.js';
import type { Matrix, Selection } from '../matrix/types.js';
import type { ImageShelf } from './image-shelf.js';

/**
 * Refuses a run none of whose kernels can be had, before its controls take minutes to say nothing of anything. Kernels are asked
 * for until one is there; of a reproduction, what became of each is an answer.
 *
 * @throws HostError; why each can't be had has been emitted by then
 */
export async function refuseWithoutKernel(
  matrix: Matrix,
  selection: Selection,
  shelf: Pick<ImageShelf, 'kernel'>,
): Promise<void> {
  if (selection.cells !== undefined) return;
  const cells = expand(matrix, selection).filter(({ role }) => role === 'matrix');
  // that it is unsupported is an answer, and takes no kernel
  if (cells.some(({ unsupported }) => unsupported !== undefined)) return;
  const rows = [...new Map(cells.map(({ kernel }) => [kernel.id, kernel])).values()];
  if ((await rowsInCache(rows)).size > 0) return;
  for (const row of rows) if (!('unavailable' in (await shelf.kernel(row)))) return;
  const [only] = rows;
  throw new HostError(
    rows.length === 1
      ? `the selected kernel ${only?.id} is not available`
      : `none of the ${rows.length} selected kernels is available`,
    {
      remedy:
        'the reason above says how to get it; kmatrix matrix kernels lists those that are in the cache, for --kernel',
    },
  );
}
