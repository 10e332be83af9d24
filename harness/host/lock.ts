import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { execa } from 'execa';
import { HostError } from '../errors.js';
import { withFileErrors } from './file-errors.js';

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
  await withFileErrors(file, () => mkdir(dirname(file), { recursive: true }));
  const options = wait ? [] : ['--nonblock', '--conflict-exit-code', String(takenExitCode)];
  const holder = execa('flock', ['--exclusive', '--no-fork', ...options, file, 'sh', '-c', holding], {
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

/**
 * A terminal sends Ctrl-C to this child as well, and the lock must stay until its holder has wound up. What is ignored
 * stays so over exec, and --no-fork leaves no flock(1) behind whose end would close the pipe.
 */
const holding = `trap '' INT TERM HUP; echo held; exec cat`;

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
