import { join } from 'node:path';
import type { LocalAttempt } from '../../harness/attempt/types.js';
import { buildGuest } from '../../harness/guest/build/build-guest.js';
import { buildImage } from '../../harness/guest/build/initramfs.js';
import { projectRoot } from '../../harness/host/project.js';
import { importedName, rowName } from '../../harness/kernels/binding.js';
import { findKernel } from '../../harness/kernels/kernel-entries.js';
import type { KernelEntry } from '../../harness/kernels/types.js';
import { axisRows } from '../../harness/matrix/axis-rows.js';
import { loadMatrix } from '../../harness/matrix/load.js';
import type { Cell } from '../../harness/matrix/types.js';
import { kernelArgumentsOf } from '../../harness/matrix/what-a-cell-asks.js';
import { findQemu } from '../../harness/vm/qemu.js';
import type { MachineSpec } from '../../harness/vm/types.js';

const matrix = await loadMatrix(join(projectRoot, 'matrix.yml'));

/** A kernel with issue #407 from the cache; undefined where none of these rows is in it: nothing is built here. */
export async function kernelWith407(): Promise<KernelEntry | undefined> {
  for (const id of ['ubuntu-3.5.0-27', 'vanilla-3.2', 'vanilla-3.4', 'vanilla-3.7']) {
    const row = matrix.kernels.find((known) => known.id === id);
    const found = row && ((await findKernel(importedName(row.id))) ?? (await findKernel(rowName(row))));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** One attempt of pidns-exec on a kernel with freed memory poisoned, alone: arm `thread` is #407, `leader` is harmless. */
export async function attemptOf407(
  kernel: KernelEntry,
  arm: 'thread' | 'leader',
  iterations = 100,
): Promise<{ attempt: LocalAttempt; spec: MachineSpec }> {
  const [kernelRow] = matrix.kernels;
  const base = matrix.workloads.find(({ id }) => id === 'pidns-exec');
  const axes = axisRows(matrix, { 'kernel-arguments': 'poisoned' }, matrix.path);
  if (!kernelRow || !base) throw new Error('matrix.yml lacks a row of this test');
  const workload = { ...base, iterations, arguments: { ...base.arguments, arm, churn: 0 } };
  const id = `${kernel.release}/${workload.id}/kernel-arguments=poisoned`;
  const cell: Cell = {
    id,
    role: 'matrix',
    kernel: kernelRow,
    workload,
    axes,
    attempts: 1,
    expectation: { outcomes: ['stable'] },
    cold: true,
  };
  const image = await buildImage({ kernel, guest: await buildGuest(), modules: [] });
  const spec: MachineSpec = {
    qemu: await findQemu(),
    accelerator: 'tcg',
    bzImage: kernel.bzImage,
    initramfs: image.initramfs,
    shape: workload.machine,
    bootArguments: kernelArgumentsOf(cell),
  };
  return { attempt: { key: { cell: id, index: 0, seed: 1 }, cell, image }, spec };
}
