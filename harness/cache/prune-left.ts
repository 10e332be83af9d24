import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, cacheRoot } from '../host/cache.js';
import { withFileErrors } from '../host/file-errors.js';
import { removeLock } from '../host/lock.js';

/**
 * Removes what is of no use without being anything of its own: files of locks that nobody holds, notes of bundles, and
 * what earlier versions of kmatrix left (compiled guests, which are entries now).
 *
 * @param oldest milliseconds: what was made since then stays
 */
export async function pruneLeft(oldest: number): Promise<void> {
  for (const file of await olderThan(oldest, await cacheFolder('locks'))) await removeLock(file);
  for (const folder of ['own-bundles', 'guest']) {
    for (const path of await olderThan(oldest, join(cacheRoot(), folder))) {
      await withFileErrors(path, () => rm(path, { recursive: true, force: true }));
    }
  }
}

async function olderThan(oldest: number, folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const dated = names.map(async (name) => {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    return found !== undefined && found.mtimeMs < oldest ? [path] : [];
  });
  return (await Promise.all(dated)).flat();
}
