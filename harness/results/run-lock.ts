import { UsageError } from '../errors.js';
import { type Lock, takeLock } from '../host/lock.js';

/**
 * Takes the lock on a run's existing file without waiting.
 *
 * @throws UsageError where another run holds it
 */
export async function lockRun(file: string): Promise<Lock> {
  const lock = await takeLock(file, { wait: false });
  if (lock !== undefined) return lock;
  throw new UsageError('another kmatrix is writing this run', {
    where: file,
    remedy: 'wait until it has finished, or start a run of your own',
  });
}
