import type { KernelRow } from '../../matrix/types.js';
import { pinnedName } from '../archive/pinned-name.js';
import { importedName, rowName } from '../binding.js';
import { findKernel } from '../cache.js';
import { isOfLine } from '../is-of-line.js';
import type { KernelEntry } from '../types.js';

/**
 * The kernel that the cache holds for a row, verified; undefined where there is none. What people gave under the row's
 * name counts where it is of the row's line: older caches may hold another, whose results would lie about the row.
 */
export async function cachedKernel(row: KernelRow): Promise<KernelEntry | undefined> {
  const { source } = row;
  if (source.kind === 'url') return findKernel(await pinnedName(row, source));
  if (source.kind !== 'tree' && source.kind !== 'imported') return findKernel(rowName(row));
  const given = await findKernel(importedName(source.kind === 'tree' ? row.id : source.name));
  return given !== undefined && isOfLine(given.release, row.line) ? given : undefined;
}
