import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../host/cache.js';
import { withFileErrors } from '../../host/file-errors.js';

/**
 * Notes that a bundle was made with this cache, so that replaying its recording asks nobody: what QEMU is fed then is its
 * own output.
 *
 * @param id SHA-256 (hex) of its bundle.json, which has the hashes of everything else
 */
export async function noteOwnBundle(id: string): Promise<void> {
  const path = join(await cacheFolder(folder), id);
  await withFileErrors(path, () => writeFile(path, ''));
}

export const isOwnBundle = async (id: string): Promise<boolean> =>
  existsSync(join(await cacheFolder(folder), id));

const folder = 'own-bundles';
