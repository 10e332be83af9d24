import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../host/cache.js';
import { withFileErrors } from '../host/file-errors.js';
import { takeLock } from '../host/lock.js';
import type { Pruned } from './pruned.js';

/** Removes downloads, package lists and build logs that were last used before `oldest` (milliseconds). */
export async function pruneFiles(oldest: number): Promise<Pruned[]> {
  return [...(await pruneDownloads(oldest)), ...(await pruneLists(oldest)), ...(await pruneLogs(oldest))];
}

async function pruneDownloads(oldest: number): Promise<Pruned[]> {
  const folder = await cacheFolder('downloads');
  const locks = await cacheFolder('locks');
  const removed: Pruned[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    // one that is under way holds its lock, however slow it is
    const [, key] = /^([0-9a-f]{32})\.(?:part|part\.json|url\.json)$/.exec(name) ?? [];
    const lock = key === undefined ? undefined : join(locks, `download-${key}`);
    // apt's packages lie in a folder named by their hash, which says nothing to a reader
    const [deb] = (await readdir(path).catch((): string[] => [])).filter((file) => file.endsWith('.deb'));
    const bytes = await removeOlder(path, oldest, lock);
    if (bytes !== undefined) removed.push({ kind: 'downloads', name: deb ?? name, bytes });
  }
  return removed;
}

/** A suite's private apt root; the stamp is as old as the lists. */
async function pruneLists(oldest: number): Promise<Pruned[]> {
  const folder = await cacheFolder('apt');
  const removed: Pruned[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const bytes = await removeOlder(path, oldest, join(path, 'lock'), join(path, 'updated'));
    if (bytes !== undefined) removed.push({ kind: 'package lists', name, bytes });
  }
  return removed;
}

async function pruneLogs(oldest: number): Promise<Pruned[]> {
  const folder = await cacheFolder('builds');
  const removed: Pruned[] = [];
  for (const name of await readdir(folder)) {
    const bytes = await removeOlder(join(folder, name), oldest);
    if (bytes !== undefined) removed.push({ kind: 'build logs', name, bytes });
  }
  return removed;
}

/**
 * @param lock where another process holds it, the path stays
 * @param dated file whose time counts, the path's own where it is absent
 * @returns bytes freed, undefined where it stays
 */
async function removeOlder(
  path: string,
  oldest: number,
  lock?: string,
  dated = path,
): Promise<number | undefined> {
  const found = (await stat(dated).catch(() => undefined)) ?? (await stat(path).catch(() => undefined));
  if (found === undefined || found.mtimeMs >= oldest) return undefined;
  const held = lock === undefined ? undefined : await takeLock(lock, { wait: false });
  if (lock !== undefined && held === undefined) return undefined;
  try {
    const bytes = await sizeOf(path);
    await withFileErrors(path, () => rm(path, { recursive: true, force: true }));
    return bytes;
  } finally {
    await held?.release();
  }
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.size;
  const names = await readdir(path).catch((): string[] => []);
  const sizes = await Promise.all(names.map((name) => sizeOf(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}
