import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openKernel } from '../../kernels/kernel-entries.js';
import { vmlinuxOf } from './write-bundle.js';

/** The vmlinux that came with a bundle, or the cache's of the same kernel; undefined where neither is there. */
export async function findKernelSymbols(folder: string, kernelId: string): Promise<string | undefined> {
  const own = join(folder, 'vmlinux');
  if (existsSync(own)) return own;
  const kernel = await openKernel(kernelId);
  return kernel && vmlinuxOf(kernel.folder);
}
