import { ImageError } from '../../errors.js';
import { nearest } from '../../matrix/nearest.js';
import type { KernelRow } from '../../matrix/types.js';
import { isOfLine } from '../../versions/kernel-version.js';
import { boundNames, importedName } from '../binding.js';
import { findKernel } from '../kernel-entries.js';
import type { KernelEntry } from '../types.js';

/**
 * The kernel that `kmatrix images import` or `images build` put into the cache under this name.
 *
 * @throws ImageError where there is none, with the nearest name, or where it is of another line than the row
 */
export async function obtainImported(
  { id, line }: Pick<KernelRow, 'id' | 'line'>,
  name: string,
): Promise<KernelEntry> {
  const found = await findKernel(importedName(name));
  if (found !== undefined && isOfLine(found.release, line)) return found;
  if (found !== undefined) {
    throw new ImageError(
      `what was imported as '${name}' is ${found.release}, and ${id} is a row of the line ${line}`,
      {
        remedy: 'correct the line of the row in matrix.yml, or import another kernel under that name',
      },
    );
  }
  const names = await boundNames('imported');
  const near = nearest(name, names);
  throw new ImageError(`no kernel was imported as '${name}'`, {
    remedy: near
      ? `did you mean '${near}'?`
      : `kmatrix images import ${name} BZIMAGE [--config FILE] [--modules FOLDER]`,
  });
}
