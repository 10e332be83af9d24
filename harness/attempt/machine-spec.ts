import { kernelArgumentsOf } from '../matrix/what-a-cell-asks.js';
import type { MachineSpec } from '../vm/types.js';
import type { MachineHost } from './machine-host.js';
import type { LocalAttempt } from './types.js';

/** The machine that an attempt wants, on this host. */
export const machineSpec = (
  { image, disks, cell }: LocalAttempt,
  { qemu, accelerator }: Pick<MachineHost, 'qemu' | 'accelerator'>,
): MachineSpec => ({
  qemu,
  accelerator,
  bzImage: image.kernel.bzImage,
  initramfs: image.initramfs,
  ...(disks && disks.length > 0 && { disks }),
  shape: cell.workload.machine,
  bootArguments: kernelArgumentsOf(cell),
});
