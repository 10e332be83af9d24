import type { MachineSpec } from '../../harness/vm/types.js';

/** A machine of no files, for tests that only read its command line. */
export const madeUpSpec: MachineSpec = {
  qemu: { binary: 'qemu-system-x86_64', version: '7.2.22' },
  accelerator: 'tcg',
  bzImage: '/k/bzImage',
  initramfs: '/k/initramfs',
  shape: { cpus: 2, memoryMiB: 256 },
  bootArguments: [],
};
