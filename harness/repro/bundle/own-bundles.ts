import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HostError } from '../../errors.js';
import { cacheFolder, cacheRoot } from '../../host/cache.js';
import { withFileErrors } from '../../host/file-errors.js';

/**
 * Notes that a bundle was made with this cache, so that replaying its recording asks nobody: what QEMU is fed then is its
 * own output. The bundle is whole by then, and worth no less where the cache takes no note of it.
 *
 * @param id SHA-256 (hex) of its bundle.json, which has the hashes of everything else
 * @returns null, or why it couldn't be noted
 */
export async function noteOwnBundle(id: string): Promise<string | null> {
  try {
    const path = join(await cacheFolder(folder), id);
    await withFileErrors(path, () => writeFile(path, ''));
    return null;
  } catch (error) {
    if (error instanceof HostError) return error.message;
    throw error;
  }
}

export const isOwnBundle = (id: string): boolean => existsSync(join(cacheRoot(), folder, id));

const folder = 'own-bundles';
