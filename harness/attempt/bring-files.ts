import { messageOf, StartError, UsageError } from '../errors.js';
import type { Machine } from '../vm/machine.js';
import { QmpError } from '../vm/qmp.js';
import { fillSlot } from '../vm/slot.js';
import type { Qemu } from '../vm/types.js';
import type { LocalAttempt } from './types.js';

/**
 * Puts the files that an attempt starts with into its machine's slot. A machine that ended meanwhile is left to whoever watches it:
 * its console says why.
 *
 * @throws UsageError where they would fill more than half of the machine's memory, HostError where QEMU is too old, StartError where it
 *   refuses or doesn't answer; the signal's reason
 */
export async function bringFiles(
  machine: Machine,
  qemu: Qemu,
  { files, cell }: LocalAttempt,
  signal: AbortSignal,
): Promise<void> {
  if (files === undefined) return;
  const { memoryMiB } = cell.workload.machine;
  if (files.bytes > (memoryMiB * 2 ** 20) / 2) {
    const size = `${Math.ceil(files.bytes / 2 ** 20)} MiB`;
    throw new UsageError(`files of ${size} would fill a machine of ${memoryMiB} MiB`, {
      where: cell.id,
      remedy: 'give the workload more memory (machine: in matrix.yml), or leave files out',
    });
  }
  try {
    await fillSlot(machine, qemu, files.path);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof QmpError)) throw error;
    if (error.kind === 'Closed') return;
    throw new StartError(`the files couldn't be copied into the machine: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Seconds that a machine may take to copy them: under TCG it does 60 MB a second and more. */
export const secondsToCopy = (bytes: number): number => bytes / 5_000_000;
