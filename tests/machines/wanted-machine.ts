import { buildGuest } from '../../harness/guest/build/build-guest.js';
import { buildImage } from '../../harness/guest/build/initramfs.js';
import type { Wanted } from '../../harness/templates/machine-source.js';
import { findQemu } from '../../harness/vm/qemu.js';
import { debianKernel } from './debian-kernel.js';

export const kernel = await debianKernel();
const guest = await buildGuest();
const image = await buildImage({ kernel, guest, modules: [] });
export const qemu = await findQemu();
const calibrationNs = await guest.calibrateOnHost();

/** A machine of 128 MiB with Debian's kernel, as an attempt wants it. */
export const wantedMachine = (start: Wanted['start'], over: Partial<Wanted['spec']> = {}): Wanted => ({
  kernel: 'debian-6.1-cloud',
  kernelId: kernel.id,
  release: kernel.release,
  imageId: image.id,
  calibrationNs,
  start,
  spec: {
    qemu,
    accelerator: 'tcg',
    bzImage: kernel.bzImage,
    initramfs: image.initramfs,
    shape: { cpus: 2, memoryMiB: 128 },
    bootArguments: [],
    ...over,
  },
});
