import type { KernelRow } from '../../matrix/types.js';
import { isOfLine } from '../../versions/kernel-version.js';
import { importedName, type KernelName, listBindings, rowName } from '../binding.js';
import { pinnedName } from '../fetch/pinned-name.js';
import { findKernel, listKernels } from '../kernel-entries.js';
import type { KernelEntry } from '../types.js';

/**
 * The kernel that the cache holds for a row, verified; undefined where there is none. What people gave under the row's
 * name counts where it is of the row's line: older caches may hold another, whose results would lie about the row.
 */
export async function cachedKernel(row: KernelRow): Promise<KernelEntry | undefined> {
  const found = await findKernel(await nameOf(row));
  return found !== undefined && mayStandFor(found, row) ? found : undefined;
}

/** Which of these rows the cache has a kernel for, as its names and entries say: nothing is read whole, verified or touched. */
export async function rowsInCache(rows: readonly KernelRow[]): Promise<Set<string>> {
  const kernels = new Map((await listKernels()).map((kernel) => [kernel.id, kernel] as const));
  const bound = await listBindings();
  const held = new Set<string>();
  for (const row of rows) {
    const own = await nameOf(row);
    const entries = bound.filter(({ space, name }) => space === own.space && name === own.name);
    const found = entries.flatMap(({ entry }) => kernels.get(entry) ?? []);
    if (found.some((kernel) => mayStandFor(kernel, row))) held.add(row.id);
  }
  return held;
}

async function nameOf(row: KernelRow): Promise<KernelName> {
  const { source } = row;
  switch (source.kind) {
    case 'url':
      return await pinnedName(row, source);
    case 'tree':
      return importedName(row.id);
    case 'imported':
      return importedName(source.name);
    default:
      return rowName(row);
  }
}

const mayStandFor = ({ release }: KernelEntry, { line, source: { kind } }: KernelRow): boolean =>
  (kind !== 'tree' && kind !== 'imported') || isOfLine(release, line);
