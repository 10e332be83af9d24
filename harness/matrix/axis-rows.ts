import { UsageError } from '../errors.js';
import type { AxisRow, UnusualRows } from './axes.js';
import { cellIdOf } from './cell-id.js';
import { suggestion } from './glob.js';
import type { Matrix } from './types.js';

/**
 * A row of each axis: the one that is named, or the usual one.
 *
 * @param where for errors
 * @throws UsageError for an axis or a row that isn't there
 */
export function axisRows(
  { axes }: Pick<Matrix, 'axes'>,
  rows: UnusualRows,
  where: string,
): Readonly<Record<string, AxisRow>> {
  const ids = axes.map(({ axis }) => axis.id);
  const unknown = Object.keys(rows).find((axis) => !ids.includes(axis));
  if (unknown !== undefined) {
    throw new UsageError(`there is no axis '${unknown}'`, { where, remedy: suggestion(unknown, ids) });
  }
  return Object.fromEntries(
    axes.map(({ axis, rows: known }) => {
      const name = rows[axis.id];
      const found = known.find(({ id, usual }) => (name === undefined ? usual : id === name));
      if (found !== undefined) return [axis.id, found];
      const remedy = suggestion(
        name ?? axis.usual,
        known.map(({ id }) => id),
      );
      throw new UsageError(`there is no ${axis.called} '${name ?? axis.usual}'`, { where, remedy });
    }),
  );
}

/** The id of a cell of this matrix; rows that are the usual ones go unnamed. */
export function cellIdIn(
  { axes }: Pick<Matrix, 'axes'>,
  {
    kernel,
    workload,
    rows,
  }: { readonly kernel: string; readonly workload: string; readonly rows: UnusualRows },
): string {
  const isUsual = (axis: string, row: string): boolean =>
    axes.some((one) => one.axis.id === axis && one.rows.some(({ id, usual }) => usual && id === row));
  const unusual = Object.entries(rows).filter(([axis, row]) => !isUsual(axis, row));
  return cellIdOf({ kernel, workload, rows: Object.fromEntries(unusual) });
}
