import { UsageError } from '../errors.js';
import { matrixCell } from './cell-of.js';
import { suggestion } from './glob.js';
import { partsOfCellId } from './parts-of-cell-id.js';
import type { Cell, Matrix } from './types.js';

/**
 * The cells of these ids, in their order, each once: any rows of the matrix may meet, whatever its profiles say.
 *
 * @throws UsageError for an id that names a row that isn't there
 */
export function namedCells(matrix: Matrix, ids: readonly string[], attempts: (id: string) => number): Cell[] {
  return [...new Set(ids)].map((id) => {
    const { kernel, workload, storage, boot } = partsOfCellId(id);
    const row = <Row extends { readonly id: string }>(
      kind: string,
      rows: readonly Row[],
      name: string,
    ): Row => {
      const found = rows.find((one) => one.id === name);
      if (found !== undefined) return found;
      const remedy = suggestion(
        name,
        rows.map((one) => one.id),
      );
      throw new UsageError(`there is no ${kind} '${name}'`, { where: `${matrix.path}, cell ${id}`, remedy });
    };
    return matrixCell(
      {
        kernel: row('kernel', matrix.kernels, kernel),
        workload: row('workload', matrix.workloads, workload),
        storage: row('storage driver', matrix.storage, storage),
        boot: row('boot row', matrix.boot, boot),
      },
      matrix,
      attempts(id),
    );
  });
}
