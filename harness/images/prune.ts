import { listKernels, removeKernel } from './cache.js';
import { inspectEntry } from './store.js';

export interface PrunedKernel {
  readonly id: string;
  readonly release: string;
}

export interface PruneLimits {
  /** What was used within so many days stays, unless the size asks for more. */
  readonly days: number;
  /** All kernels together, in MiB; the least recently used go first. */
  readonly sizeMiB?: number;
}

/** Removes kernels that were not used lately; a later run fetches or builds them again. */
export async function pruneKernels(
  { days, sizeMiB }: PruneLimits,
  now = new Date(),
): Promise<PrunedKernel[]> {
  const oldest = now.getTime() - days * 24 * 3600 * 1000;
  const removed: PrunedKernel[] = [];
  let bytes = 0;
  // most recently used first, so that what no longer fits is what was used longest ago
  for (const kernel of await listKernels()) {
    bytes += kernel.bytes;
    const fits = sizeMiB === undefined || bytes <= sizeMiB * 2 ** 20;
    if (fits && kernel.usedAt.getTime() >= oldest) continue;
    bytes -= kernel.bytes;
    await removeKernel(kernel.id);
    removed.push({ id: kernel.id, release: kernel.release });
  }
  return removed;
}

/** Reads every byte of every kernel in the cache; a broken one is removed, and `trouble` says what was wrong. */
export async function verifyKernels(): Promise<(PrunedKernel & { readonly trouble: string | undefined })[]> {
  const found = [];
  for (const { id, release } of await listKernels()) {
    const trouble = await inspectEntry('kernels', id);
    if (trouble !== undefined) await removeKernel(id);
    found.push({ id, release, trouble });
  }
  return found;
}
