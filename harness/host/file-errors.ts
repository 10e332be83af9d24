import { HostError } from '../errors.js';

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
  return trouble === undefined
    ? error
    : new HostError(trouble.what, { where, remedy: trouble.remedy, cause: error });
}

/** The errno name of a system error, '' of anything else. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

const space = 'free space there, or name another folder in KMATRIX_CACHE';
const permission = 'fix its owner or permissions, or name another folder in KMATRIX_CACHE';

const troubles: Readonly<Record<string, { readonly what: string; readonly remedy: string }>> = {
  ENOSPC: { what: 'no space left', remedy: space },
  EDQUOT: { what: 'the disk quota is used up', remedy: space },
  EFBIG: { what: 'a file grew over the limit of this shell (ulimit -f) or file system', remedy: space },
  EROFS: { what: 'the file system is read-only', remedy: permission },
  EACCES: { what: 'no permission', remedy: permission },
  EPERM: { what: 'not permitted', remedy: permission },
  EMFILE: { what: 'too many open files', remedy: 'raise the limit (ulimit -n)' },
  EIO: { what: 'the disk reports an input/output error', remedy: 'check the disk' },
};
