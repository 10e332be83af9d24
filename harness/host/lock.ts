import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { execa } from 'execa';
import { HostError } from '../errors.js';
import { withFileErrors } from './file-errors.js';
import { makeFolder } from './make-folder.js';

/** An exclusive lock on a file, across processes of this host. */
export interface Lock {
  release(): Promise<void>;
}

/**
 * Takes the lock on `file`, waiting for it, or without waiting.
 *
 * flock(1) holds it, in a child whose stdin is a pipe of ours: when this process dies, even of SIGKILL, the pipe closes,
 * the child ends and the kernel drops the lock, so that no stale lock can exist (flock(2)).
 *
 * @param signal ends the wait; a lock that is held stays so until it is released
 * @returns undefined where `wait` is false and another process holds it
 * @throws HostError where the file can't be locked at all; the signal's reason
 */
export async function takeLock(
  file: string,
  { wait, signal }: { readonly wait: boolean; readonly signal?: AbortSignal | undefined },
): Promise<Lock | undefined> {
  await withFileErrors(file, () => makeFolder(dirname(file)));
  for (;;) {
    const taken = await tryToTake(file, wait, signal);
    if (taken !== 'removed meanwhile') return taken;
  }
}

async function tryToTake(
  file: string,
  wait: boolean,
  signal: AbortSignal | undefined,
): Promise<Lock | undefined | 'removed meanwhile'> {
  // nothing is awaited from here until the listener below: an abort is seen by the one or the other
  signal?.throwIfAborted();
  const options = wait ? [] : ['--nonblock', '--conflict-exit-code', String(takenExitCode)];
  const flock = ['flock', '--exclusive', '--no-fork', ...options, file, 'sh', '-c', holding, file];
  const holder = execa('sh', ['-c', waiting, ...flock], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    reject: false,
    buffer: { stdout: false },
  });
  const held = new Promise<true>((resolve) => holder.stdout.once('data', () => resolve(true)));
  const stop = () => holder.kill('SIGKILL');
  signal?.addEventListener('abort', stop, { once: true });
  const outcome = await Promise.race([held, holder]);
  signal?.removeEventListener('abort', stop);
  if (signal?.aborted) {
    stop();
    await holder;
    throw signal.reason;
  }
  if (outcome === true) {
    return {
      async release() {
        holder.stdin.end();
        await holder;
      },
    };
  }
  if (outcome.exitCode === takenExitCode) return undefined;
  if (outcome.exitCode === removedExitCode) return 'removed meanwhile';
  throw new HostError(`can't lock: ${outcome.stderr || outcome.shortMessage}`, {
    where: file,
    remedy: 'flock comes with util-linux; the folder must be writable',
  });
}

/**
 * A terminal sends Ctrl-C to this child as well. While it waits, that is for the signal above to say: a flock(1) that
 * died of it looks like one that can't lock.
 */
const waiting = `trap '' INT HUP; exec "$0" "$@"`;

/**
 * Once it has the lock, that must stay until its holder has wound up. What is ignored stays so over exec, and --no-fork
 * leaves no flock(1) behind whose end would close the pipe. A file that was removed between its opening and its locking
 * (removeLock) locks nobody out any more.
 */
const holding = `trap '' INT TERM HUP
for open in /proc/self/fd/*; do
  [ "$open" -ef "$0" ] && echo held && exec cat
done
exit 76`;

/** EX_TEMPFAIL of sysexits.h: an exit status that sh and cat don't use. */
const takenExitCode = 75;
/** Another such one: what is locked is no longer what the path names. */
const removedExitCode = 76;

/** Removes a lock's file unless somebody holds it; whoever waits for it meanwhile takes the next file of that name. */
export async function removeLock(file: string): Promise<void> {
  const lock = await takeLock(file, { wait: false });
  if (lock === undefined) return;
  try {
    await withFileErrors(file, () => rm(file, { force: true }));
  } finally {
    await lock.release();
  }
}

export interface LockOptions {
  /** Called once when another process holds it. */
  readonly onWait?: (() => void) | undefined;
  /** Ends the wait; `work` has to heed it itself. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `work` while holding the lock.
 *
 * @throws as takeLock, and what `work` throws
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  { onWait, signal }: LockOptions = {},
): Promise<T> {
  const free = await takeLock(file, { wait: false, signal });
  if (free === undefined) onWait?.();
  const lock = free ?? (await takeLock(file, { wait: true, signal }));
  try {
    return await work();
  } finally {
    await lock?.release();
  }
}
