import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cacheFolder } from '../host/cache.js';
import { codeOf, withFileErrors } from '../host/file-errors.js';
import { takeLock } from '../host/lock.js';
import { removeFolder } from '../host/remove-folder.js';

/**
 * Runs `work` with a new empty folder on the cache's own file system, to be filled and published; gone afterwards,
 * whatever happened. Folders left by killed processes are swept on the way.
 *
 * @throws what `work` throws; where that ended well, HostError for a folder that can't be removed
 *
 * Each folder has a lock while it is in use. A process number would not do: containers that share a cache have their own,
 * and may have one name.
 */
export async function withStaging<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const root = await cacheFolder('staging');
  await sweep(root);
  const folder = join(root, newName());
  return withFileErrors(folder, () =>
    whileInUse(folder, async () => {
      await mkdir(folder);
      return await work(folder);
    }),
  );
}

/** Takes a folder out of its place by one rename, then removes it; one that is not there is as good as removed. */
export async function setAside(folder: string): Promise<void> {
  const aside = join(await cacheFolder('staging'), newName());
  await whileInUse(aside, async () => {
    await rename(folder, aside).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
  });
}

const newName = (): string => randomBytes(8).toString('hex');

/** Of this process, which needs no lock to know that they are in use. */
const inUse = new Set<string>();

/** Holds a folder's lock during `work`, and removes the folder then. */
async function whileInUse<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const file = await lockOf(folder);
  const lock = await takeLock(file, { wait: true });
  inUse.add(folder);
  const remove = async (): Promise<void> => {
    await removeFolder(folder);
    await rm(file, { force: true });
  };
  // whatever stays is swept later; a lock that isn't released keeps this process alive
  try {
    const result = await work().catch(async (error: unknown) => {
      await remove().catch(() => undefined);
      throw error;
    });
    await remove();
    return result;
  } finally {
    inUse.delete(folder);
    await lock?.release();
  }
}

const lockOf = async (folder: string): Promise<string> =>
  join(await cacheFolder('locks'), `staging-${basename(folder)}`);

/** What can't be removed stays: it is in nobody's way, and was told to whom it belonged. */
async function sweep(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const folder = join(root, name);
    if (!inUse.has(folder))
      await (isOurs(name) ? removeUnused(folder) : removeOld(folder)).catch(() => undefined);
  }
}

const isOurs = (name: string): boolean => /^[0-9a-f]{16}$/.test(name);

async function removeUnused(folder: string): Promise<void> {
  const file = await lockOf(folder);
  const lock = await takeLock(file, { wait: false });
  if (lock === undefined) return;
  try {
    await removeFolder(folder);
    await rm(file, { force: true });
  } finally {
    await lock.release();
  }
}

/** Of an earlier kmatrix, which took no locks: nothing is in use for days. */
async function removeOld(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined || Date.now() - found.mtimeMs < 3 * 24 * 3600 * 1000) return;
  await removeFolder(folder);
}
