import { UsageError } from '../errors.js';
import { select, suggestion } from './glob.js';
import type { KernelRow, Matrix, Patterns } from './types.js';

/**
 * The kernel rows that match, in the order of matrix.yml.
 *
 * @throws UsageError for a pattern that matches nothing, with the nearest id
 */
export function selectRows({ kernels, path }: Matrix, patterns: Patterns): KernelRow[] {
  const chosen = new Set(
    select(
      'kernel',
      kernels.map(({ id }) => id),
      patterns,
      path,
    ),
  );
  return kernels.filter(({ id }) => chosen.has(id));
}

/** The one row of this id. @throws UsageError with the nearest id where there is none */
export function findRow({ kernels, path }: Matrix, id: string): KernelRow {
  const row = kernels.find((known) => known.id === id);
  if (row !== undefined) return row;
  const ids = kernels.map((known) => known.id);
  throw new UsageError(`there is no kernel '${id}'`, { where: path, remedy: suggestion(id, ids) });
}
