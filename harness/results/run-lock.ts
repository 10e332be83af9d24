import { execa } from 'execa';
import { HostError, UsageError } from '../errors.js';

/** Held while a run writes its folder. */
export interface RunLock {
  release(): Promise<void>;
}

const takenExitCode = 75;

/**
 * Takes the lock on an existing file without waiting. flock(1) holds it in a child that ends when this process does,
 * however that happens, so no stale lock can be left.
 *
 * @throws UsageError where another run holds it
 */
export async function lockRun(file: string): Promise<RunLock> {
  const options = ['--exclusive', '--nonblock', '--conflict-exit-code', String(takenExitCode)];
  const holder = execa('flock', [...options, file, 'sh', '-c', 'echo held; exec cat'], {
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
  if (outcome.exitCode === takenExitCode) {
    throw new UsageError('another kmatrix is writing this run', {
      where: file,
      remedy: 'wait until it has finished, or start a run of its own',
    });
  }
  throw new HostError(`can't lock the run: ${outcome.stderr || outcome.shortMessage}`, {
    where: file,
    remedy: 'flock comes with util-linux',
  });
}
