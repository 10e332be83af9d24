import { dropDanglingKeys } from '../../cache/keyed-entry.js';
import type { Pruned } from '../../cache/pruned.js';
import { removeEntry, withEntryLock } from '../../cache/store.js';
import { UsageError } from '../../errors.js';
import { pruneMade } from '../../kernels/prune.js';
import type { UserlandRow } from '../../matrix/axes.js';
import { cachedUserland } from './obtain-userland.js';
import { listUserlands } from './userland.js';

export interface RemovedUserland {
  /** Of the row. */
  readonly name: string;
  readonly userland: { readonly id: string; readonly name: string; readonly bytes: number };
  /** What was made with it, or with entries that were gone before, and went with it. */
  readonly made: readonly Pruned[];
}

/**
 * Takes a row's userland out of the cache; it is made anew when it is next asked for, of what its suite has then.
 *
 * @throws UsageError where the cache has none of this row
 */
export async function removeUserland(row: UserlandRow): Promise<RemovedUserland> {
  const known = await cachedUserland(row);
  if (known === undefined) {
    throw new UsageError(`the userland ${row.id} is not in the cache`, {
      remedy: 'kmatrix images list shows what is; kmatrix images prune removes what no row stands for',
    });
  }
  const { id } = known.disk;
  const bytes = (await listUserlands()).find(({ disk }) => disk.id === id)?.bytes ?? 0;
  await withEntryLock('disks', id, () => removeEntry('disks', id));
  await dropDanglingKeys('disks');
  return { name: row.id, userland: { id, name: known.name, bytes }, made: await pruneMade() };
}
