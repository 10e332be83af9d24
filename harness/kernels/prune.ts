import { z } from 'zod';
import { dropDanglingKeys } from '../cache/keyed-entry.js';
import { pruneFiles } from '../cache/prune-files.js';
import { pruneLeft } from '../cache/prune-left.js';
import { pruneTemplates, templatesMiB } from '../cache/prune-templates.js';
import type { Pruned } from '../cache/pruned.js';
import {
  type EntryKind,
  entryIds,
  entryKinds,
  listEntries,
  removeEntry,
  type StoredEntry,
} from '../cache/store.js';
import { dropDanglingBindings, listBindings } from './binding.js';
import { listKernels } from './kernel-entries.js';

export interface PruneLimits {
  /** What was used within so many days stays, unless the size asks for more. */
  readonly days: number;
  /** All kernels and userlands together, in MiB; the least recently used go first. */
  readonly sizeMiB?: number;
  /** Disk for saved machines, in MiB; the least recently used go first. 8 GiB where nothing is said. */
  readonly templatesMiB?: number;
  /** Kernels that were imported or built here go too: nothing fetches those again. */
  readonly imported?: boolean;
}

/**
 * Removes what was not used lately: kernels, what was made of them, packages and lists. A later run fetches or makes it
 * again. A machine that runs is not disturbed, one that is about to start may have to be started again.
 */
export async function pruneCache(limits: PruneLimits, now = new Date()): Promise<Pruned[]> {
  const oldest = now.getTime() - limits.days * 24 * 3600 * 1000;
  const kernels = await pruneFetched(limits, oldest);
  const made = await pruneMade(oldest);
  const templates = await pruneTemplates(limits.templatesMiB ?? templatesMiB);
  const files = await pruneFiles(oldest);
  await pruneLeft(oldest);
  return [...kernels, ...made, ...templates, ...files];
}

/** What takes minutes to have again: kernels and userlands. */
async function pruneFetched({ sizeMiB, imported }: PruneLimits, oldest: number): Promise<Pruned[]> {
  const own = new Set(
    (await listBindings()).flatMap(({ space, entry }) => (space === 'imported' ? entry : [])),
  );
  const removed: Pruned[] = [];
  let total = 0;
  // most recently used first, so that what no longer fits is what was used longest ago
  for (const { kind, id, name, bytes, usedAt } of await fetchedEntries()) {
    total += bytes;
    const fits = sizeMiB === undefined || total <= sizeMiB * 2 ** 20;
    const keep = own.has(id) && imported !== true;
    if (keep || (fits && usedAt.getTime() >= oldest)) continue;
    total -= bytes;
    await removeEntry(kind, id);
    removed.push({ kind, name, id, bytes });
  }
  await dropDanglingKeys('disks');
  const left = new Set(await entryIds('kernels'));
  await dropDanglingBindings((entry) => left.has(entry));
  return removed;
}

async function fetchedEntries() {
  const kernels = (await listKernels()).map((entry) => ({
    ...entry,
    kind: 'kernels' as const,
    name: entry.release,
  }));
  const disks = (await listEntries('disks')).map((entry) => ({
    ...entry,
    kind: 'disks' as const,
    name: nameOf(entry),
  }));
  return [...kernels, ...disks].toSorted((a, b) => b.usedAt.getTime() - a.usedAt.getTime());
}

/** What was made from a kernel goes with it, and where it was not used since `oldest` (milliseconds). */
export async function pruneMade(oldest = Number.NEGATIVE_INFINITY): Promise<Pruned[]> {
  const removed: Pruned[] = [];
  for (const kind of entryKinds) {
    if (kind === 'kernels' || kind === 'disks') continue;
    removed.push(...(await pruneMadeOf(kind, oldest)));
  }
  return removed;
}

async function pruneMadeOf(kind: EntryKind, oldest: number): Promise<Pruned[]> {
  const kernels = new Set(await entryIds('kernels'));
  const removed: Pruned[] = [];
  for (const entry of await listEntries(kind)) {
    const { id, about, bytes, usedAt } = entry;
    const { kernel } = madeSchema.safeParse(about).data ?? {};
    const orphan = kernel !== undefined && !kernels.has(kernel);
    if (!orphan && usedAt.getTime() >= oldest) continue;
    await removeEntry(kind, id);
    removed.push({ kind, name: nameOf(entry), id, bytes });
  }
  await dropDanglingKeys(kind);
  return removed;
}

const madeSchema = z.object({
  release: z.string().optional(),
  name: z.string().optional(),
  kernel: z.string().optional(),
});

function nameOf({ id, about }: Pick<StoredEntry, 'id' | 'about'>): string {
  const { release, name } = madeSchema.safeParse(about).data ?? {};
  return release ?? name ?? id.slice(0, 12);
}
