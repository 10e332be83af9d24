import { join } from 'node:path';
import envPaths from 'env-paths';
import { HostError } from '../errors.js';
import { makeFolder } from './make-folder.js';

/** The cache folder: KMATRIX_CACHE, else the XDG cache folder of kmatrix. Never inside a checkout by default. */
export const cacheRoot = (): string => process.env.KMATRIX_CACHE || envPaths('kmatrix', { suffix: '' }).cache;

/** A folder below the cache, made when absent. */
export async function cacheFolder(...names: string[]): Promise<string> {
  const folder = join(cacheRoot(), ...names);
  try {
    await makeFolder(folder);
  } catch (cause) {
    throw new HostError(`the cache folder can't be made`, {
      where: folder,
      remedy: 'free space or fix its permissions, or name another folder in KMATRIX_CACHE',
      cause,
    });
  }
  return folder;
}
