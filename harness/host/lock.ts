import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { execa } from 'execa';
import { HostError } from '../errors.js';

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
 * @returns undefined where `wait` is false and another process holds it
 * @throws HostError where the file can't be locked at all
 */
export async function takeLock(
  file: string,
  { wait }: { readonly wait: boolean },
): Promise<Lock | undefined> {
  await mkdir(dirname(file), { recursive: true });
  const options = wait ? [] : ['--nonblock', '--conflict-exit-code', String(takenExitCode)];
  const holder = execa('flock', ['--exclusive', ...options, file, 'sh', '-c', 'echo held; exec cat'], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    reject: false,
    buffer: { stdout: false },
  });
  const held = new Promise<true>((resolve) => holder.stdout.once('data', () => resolve(true)));
  const outcome = await Promise.race([held, holder]);
  if (outcome === true) {
    return {
      async release() {
        holder.stdin.end();
        await holder;
      },
    };
  }
  if (outcome.exitCode === takenExitCode) return undefined;
  throw new HostError(`can't lock: ${outcome.stderr || outcome.shortMessage}`, {
    where: file,
    remedy: 'flock comes with util-linux; the folder must be writable',
  });
}

/** EX_TEMPFAIL of sysexits.h: an exit status that sh and cat don't use. */
const takenExitCode = 75;

/**
 * Runs `work` while holding the lock.
 *
 * @param onWait called once when another process holds it
 */
export async function withLock<T>(file: string, work: () => Promise<T>, onWait?: () => void): Promise<T> {
  const free = await takeLock(file, { wait: false });
  if (free === undefined) onWait?.();
  const lock = free ?? (await takeLock(file, { wait: true }));
  try {
    return await work();
  } finally {
    await lock?.release();
  }
}
