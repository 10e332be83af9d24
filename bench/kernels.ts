import process from 'node:process';
import { messageOf } from '../harness/errors.js';
import { buildGuest } from '../harness/guest/build/build-guest.js';
import { buildImage } from '../harness/guest/build/initramfs.js';
import { projectRoot } from '../harness/host/project.js';
import { obtainKernel } from '../harness/kernels/sources/obtain-kernel.js';
import type { Image, KernelEntry } from '../harness/kernels/types.js';
import { loadMatrix } from '../harness/matrix/load.js';
import type { KernelRow } from '../harness/matrix/types.js';
import { chooseAccelerator } from '../harness/vm/accelerator.js';
import { findQemu } from '../harness/vm/qemu.js';
import type { MachineSpec } from '../harness/vm/types.js';

export interface BenchKernel {
  readonly row: KernelRow;
  readonly kernel: KernelEntry;
  readonly image: Image;
  readonly spec: MachineSpec;
  /** See MachineHost. */
  readonly calibrationNs: number;
}

/** Those of these rows that the cache has, each with the machine that a run gives it; the others are named on stderr. */
export async function benchKernels(ids: readonly string[]): Promise<BenchKernel[]> {
  const matrix = await loadMatrix(`${projectRoot}/matrix.yml`);
  const qemu = await findQemu();
  const accelerator = await chooseAccelerator(qemu, 'auto');
  const guest = await buildGuest();
  const calibrationNs = await guest.calibrateOnHost();
  const found: BenchKernel[] = [];
  for (const row of matrix.kernels.filter(({ id }) => ids.includes(id))) {
    const kernel = await obtainKernel(row, offline).catch((error: unknown) => messageOf(error));
    if (typeof kernel === 'string') {
      process.stderr.write(`${row.id} is left out: ${kernel}\n`);
      continue;
    }
    const image = await buildImage({ kernel, guest, modules: ['veth'] });
    const spec: MachineSpec = {
      qemu,
      accelerator: accelerator.name,
      bzImage: kernel.bzImage,
      initramfs: image.initramfs,
      shape: { cpus: 2, memoryMiB: 256 },
      bootArguments: row.bootArguments,
    };
    found.push({ row, kernel, image, spec, calibrationNs });
  }
  return found;
}

/** A bench measures; it doesn't fetch. */
const offline = { offline: true, onEvent: () => {}, signal: new AbortController().signal };
