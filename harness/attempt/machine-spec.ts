import { kernelArgumentsOf } from '../matrix/what-a-cell-asks.js';
import type { MachineSpec } from '../vm/types.js';
import type { LocalAttempt, MachineHost } from './types.js';

/** The machine that an attempt wants, on this host. */
export const machineSpec = (
  { image, cell }: LocalAttempt,
  { qemu, accelerator }: Pick<MachineHost, 'qemu' | 'accelerator'>,
): MachineSpec => ({
  qemu,
  accelerator,
  bzImage: image.kernel.bzImage,
  initramfs: image.initramfs,
  shape: cell.workload.machine,
  bootArguments: kernelArgumentsOf(cell),
});
