import { copyFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { withStaging } from '../cache/staging.js';
import { openEntry, publishEntry, type StoredEntry } from '../cache/store.js';
import { UsageError } from '../errors.js';
import { withFileErrors } from '../host/file-errors.js';
import type { Disk } from '../vm/types.js';

const name = 'disk';

/**
 * Puts a file into the cache as a disk for machines (a file system's image: squashfs), by content.
 *
 * @throws UsageError where there is no such file; HostError where it can't be read or the cache not be written
 */
export async function publishDisk(file: string): Promise<Disk> {
  const about = await withFileErrors(file, () => stat(file).catch(() => undefined));
  if (!about?.isFile()) throw new UsageError('there is no such file to make a disk of', { where: file });
  return withStaging(async (staged) => {
    const place = join(staged, name);
    await withFileErrors(place, () => copyFile(file, place));
    return toDisk(await publishEntry('disks', staged, {}));
  });
}

/** Verified; undefined where the cache hasn't got it. */
export async function openDisk(id: string): Promise<Disk | undefined> {
  const entry = await openEntry('disks', id);
  return entry && toDisk(entry);
}

const toDisk = ({ id, folder }: StoredEntry): Disk => ({ id, path: join(folder, name) });
