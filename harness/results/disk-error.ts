import { HostError, messageOf } from '../errors.js';

/** What the file system refused, as the host's failure; what was finished before is on disk and stays valid. */
export function diskError(what: string, where: string, cause: unknown): HostError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return new HostError(`${what}: ${messageOf(cause)}`, {
    where,
    remedy: remedies[code] ?? 'check the file system of the results folder',
    cause,
  });
}

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'free space, then go on with --resume: every finished attempt is kept',
  EDQUOT: 'free space in your quota, then go on with --resume: every finished attempt is kept',
  EACCES: 'make the results folder writable, or name another with --out',
  EPERM: 'make the results folder writable, or name another with --out',
  EROFS: 'name a folder on a writable file system with --out',
  ENOTDIR: 'a file stands where the results folder should be: name another with --out',
  EMFILE: 'raise the limit of open files (ulimit -n)',
};
