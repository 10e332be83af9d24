import { dirname, relative } from 'node:path';
import { HostError } from '../errors.js';
import { cacheRoot } from './cache.js';

/**
 * Runs `work`; a failure of the file system that only the host's owner can mend (no space, no permission, too large for
 * a limit, too many open files) comes out as HostError, everything else as it is.
 *
 * @param where the file or folder that the work is about
 */
export async function withFileErrors<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asHostError(error, where);
  }
}

/** The same for an error at hand. */
export function asHostError(error: unknown, where: string): unknown {
  const trouble = troubles[codeOf(error)];
  if (trouble === undefined) return error;
  const own = trouble.ofOwnFile === undefined ? undefined : ownFileOf(error, where);
  if (own !== undefined)
    return new HostError(trouble.what, { where: own, remedy: trouble.ofOwnFile, cause: error });
  return new HostError(trouble.what, { where, remedy: trouble.remedy, cause: error });
}

/**
 * The file that the system refused (Node's `path`; of a copy, the one that is read), where it lies neither beside `where`
 * nor in the cache: it is a file of the user's then, and no other cache would help.
 */
function ownFileOf(error: unknown, where: string): string | undefined {
  if (!(error instanceof Error) || !('path' in error) || typeof error.path !== 'string') return undefined;
  const { path } = error;
  const isOurs = isWithin(path, dirname(where)) || isWithin(path, cacheRoot()) || isWithin(where, path);
  return isOurs ? undefined : path;
}

const isWithin = (path: string, folder: string): boolean => !/^\.\.(\/|$)/.test(relative(folder, path));

/** The errno name of a system error, '' of anything else. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

const space = 'free space there, or name another folder in KMATRIX_CACHE';
const permission = 'fix its owner or permissions, or name another folder in KMATRIX_CACHE';

interface Trouble {
  readonly what: string;
  readonly remedy: string;
  /** Where it can be of a file that is read, too. */
  readonly ofOwnFile?: string;
}

const troubles: Readonly<Record<string, Trouble>> = {
  ENOSPC: { what: 'no space left', remedy: space },
  EDQUOT: { what: 'the disk quota is used up', remedy: space },
  EFBIG: { what: 'a file grew over the limit of this shell (ulimit -f) or file system', remedy: space },
  EROFS: { what: 'the file system is read-only', remedy: permission },
  EACCES: { what: 'no permission', remedy: permission, ofOwnFile: 'fix its owner or permissions' },
  EPERM: { what: 'not permitted', remedy: permission, ofOwnFile: 'fix its owner or permissions' },
  EMFILE: { what: 'too many open files', remedy: 'raise the limit (ulimit -n)' },
  EIO: {
    what: 'the disk reports an input/output error',
    remedy: 'check the disk',
    ofOwnFile: 'check the disk',
  },
};
