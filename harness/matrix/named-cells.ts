import { UsageError } from '../errors.js';
import { axisRows } from './axis-rows.js';
import { partsOfCellId } from './cell-id.js';
import { goTogether, matrixCell } from './cell-of.js';
import { suggestion } from './glob.js';
import type { Cell, Matrix } from './types.js';

/**
 * The cells of these ids, in their order, each once: any rows of the matrix may meet, whatever its profiles say.
 *
 * @throws UsageError for an id that names a row or an axis that isn't there
 */
export function namedCells(matrix: Matrix, ids: readonly string[], attempts: (id: string) => number): Cell[] {
  return [...new Set(ids)].map((id) => {
    const { kernel, workload, rows } = partsOfCellId(id);
    const where = `${matrix.path}, cell ${id}`;
    const row = <Row extends { readonly id: string }>(
      kind: string,
      known: readonly Row[],
      name: string,
    ): Row => {
      const found = known.find((one) => one.id === name);
      if (found !== undefined) return found;
      const remedy = suggestion(
        name,
        known.map((one) => one.id),
      );
      throw new UsageError(`there is no ${kind} '${name}'`, { where, remedy });
    };
    const parts = {
      kernel: row('kernel', matrix.kernels, kernel),
      workload: row('workload', matrix.workloads, workload),
      axes: axisRows(matrix, rows, where),
    };
    if (!goTogether(parts)) {
      throw new UsageError("these rows can't be combined", {
        where,
        remedy: 'see what their rows in matrix.yml need',
      });
    }
    return matrixCell(parts, matrix, attempts(id));
  });
}
