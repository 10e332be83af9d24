import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { dropDanglingKeys } from './keyed-entry.js';
import type { Pruned } from './pruned.js';
import { listEntries, removeEntry, type StoredEntry } from './store.js';

/**
 * Removes templates, the least recently used first, until the rest takes `sizeMiB` of disk at most. A run that uses one
 * holds it open, and makes it again next time.
 */
export async function pruneTemplates(sizeMiB: number): Promise<Pruned[]> {
  const removed: Pruned[] = [];
  let total = 0;
  // most recently used first: from the first that no longer fits, all older ones go
  for (const entry of await listEntries('templates')) {
    const bytes = await diskBytes(entry);
    total += bytes;
    if (total <= sizeMiB * 2 ** 20) continue;
    await removeEntry('templates', entry.id);
    removed.push({ kind: 'templates', name: entry.id.slice(0, 12), id: entry.id, bytes });
  }
  if (removed.length > 0) await dropDanglingKeys('templates');
  return removed;
}

/** 100 machines of 40 MiB each: a nightly run's. */
export const templatesMiB = 8 * 1024;

/** Blocks, since a guest's RAM is a file full of holes. */
async function diskBytes({ folder, manifest }: StoredEntry): Promise<number> {
  const sizes = await Promise.all(
    manifest.map(({ path }) =>
      stat(join(folder, path)).then(
        ({ blocks }) => blocks * 512,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
