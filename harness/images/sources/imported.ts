import { ImageError } from '../../errors.js';
import { nearest } from '../../matrix/nearest.js';
import { boundNames, importedName } from '../binding.js';
import { findKernel } from '../cache.js';
import type { KernelEntry } from '../types.js';

/**
 * The kernel that `kmatrix images import` or `images build` put into the cache under this name.
 *
 * @throws ImageError where there is none, with the nearest name
 */
export async function obtainImported(name: string): Promise<KernelEntry> {
  const found = await findKernel(importedName(name));
  if (found !== undefined) return found;
  const names = await boundNames('imported');
  const near = nearest(name, names);
  throw new ImageError(`no kernel was imported as '${name}'`, {
    remedy: near
      ? `did you mean '${near}'?`
      : `kmatrix images import ${name} BZIMAGE [--config FILE] [--modules FOLDER]`,
  });
}
