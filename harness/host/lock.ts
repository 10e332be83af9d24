import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { execa } from 'execa';
import { HostError } from '../errors.js';

/**
 * Runs `work` while holding an exclusive lock on `file`, across processes of this host.
 *
 * flock(1) holds it, in a child whose stdin is a pipe of ours: when this process dies, even of SIGKILL, the pipe closes,
 * the child ends and the kernel drops the lock, so that no stale lock can exist (flock(2)).
 *
 * @param onWait called once when another process holds the lock
 */
export async function withLock<T>(file: string, work: () => Promise<T>, onWait?: () => void): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  const waiting = onWait ? setTimeout(onWait, 500) : undefined;
  const holder = execa('flock', ['--exclusive', file, 'sh', '-c', 'echo held; exec cat'], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    reject: false,
    buffer: { stdout: false },
  });
  const acquired = await new Promise<boolean>((resolve) => {
    holder.stdout.once('data', () => resolve(true));
    holder.once('exit', () => resolve(false));
    holder.once('error', () => resolve(false));
  });
  clearTimeout(waiting);
  if (!acquired) {
    const { stderr, shortMessage } = await holder;
    throw new HostError(`can't lock: ${stderr || shortMessage}`, {
      where: file,
      remedy: 'flock comes with util-linux; the folder must be writable',
    });
  }
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await holder;
  }
}
