import { UsageError } from '../errors.js';
import { boundNames } from '../kernels/binding.js';
import { importedRow } from '../kernels/imported-row.js';
import { nearest } from '../matrix/nearest.js';
import { findRow } from '../matrix/select-rows.js';
import type { KernelRow, Matrix } from '../matrix/types.js';

/**
 * The kernel that a word of the command line means: a row of matrix.yml, else what was imported under that name.
 *
 * @throws UsageError with the nearest name where it is neither
 */
export async function findKernelRow(matrix: Matrix, name: string): Promise<KernelRow> {
  const ids = matrix.kernels.map(({ id }) => id);
  if (ids.includes(name)) return findRow(matrix, name);
  const imported = await importedRow(name);
  if (imported !== undefined) return imported;
  const names = await boundNames('imported');
  const likely = nearest(name, [...ids, ...names]);
  if (likely === undefined || ids.includes(likely)) return findRow(matrix, name);
  throw new UsageError(`there is no kernel '${name}'`, {
    where: matrix.path,
    remedy: `did you mean '${likely}', which was imported?`,
  });
}
