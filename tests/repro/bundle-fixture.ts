import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { classify } from '../../harness/diagnosis/classify.js';
import type { Cell } from '../../harness/matrix/types.js';
import type { BundleRequest } from '../../harness/repro/bundle/bundle-request.js';
import { anAxisRow, usualRows } from '../matrix/axis-row.js';

/** What an oops of issue #407 looks like on the console of a 3.2. */
export const oops407 = `[    3.300000] general protection fault: 0000 [#1] SMP
[    3.300000] CPU 0
[    3.300000] Pid: 60, comm: pidns-exec Not tainted 3.2.71 #1 Bochs Bochs
[    3.300000] RIP: 0010:[<ffffffff81110a21>]  [<ffffffff81110a21>] d_hash_and_lookup+0x21/0x80
[    3.300000] Call Trace:
[    3.300000]  [<ffffffff8115a0b1>] proc_flush_task+0xa1/0x1e0
[    3.300000]  [<ffffffff8103d8b4>] release_task+0x34/0x4a0
[    3.300000] ---[ end trace 96b4cd2e1a0d34e8 ]---
`;

/** A bundle's request with files that are no kernel: for everything but running it. */
export async function madeUpRequest(folder: string): Promise<BundleRequest> {
  const paths = { bzImage: join(folder, 'k'), initramfs: join(folder, 'i'), config: join(folder, 'c') };
  await writeFile(paths.bzImage, 'kernel');
  await writeFile(paths.initramfs, Buffer.alloc(100_000, 'initramfs'));
  await writeFile(paths.config, 'CONFIG_PID_NS=y\n');
  const kernelRow = {
    id: 'vanilla-3.2',
    line: '3.2',
    source: { type: 'imported' },
    bootArguments: [],
  } as unknown as Cell['kernel'];
  const cell: Cell = {
    id: 'vanilla-3.2/pidns-exec/kernel-arguments=poisoned',
    role: 'matrix',
    kernel: kernelRow,
    workload: {
      id: 'pidns-exec',
      program: 'pidns-exec',
      arguments: { arm: 'thread', churn: 0 },
      iterations: 100,
      timeoutSeconds: 6,
      modules: [],
      machine: { cpus: 2, memoryMiB: 128 },
    },
    axes: {
      ...usualRows,
      'kernel-arguments': anAxisRow('poisoned', { kernelArguments: ['slub_debug=FZP'] }),
    },
    attempts: 1,
    expectation: { outcomes: ['oops'] },
    cold: true,
  };
  const kernel = {
    id: '0'.repeat(64),
    release: '3.2.71',
    folder,
    bzImage: paths.bzImage,
    config: paths.config,
    provenance: 'made up',
    seconds: 0,
  };
  const image = { id: '1'.repeat(64), kernel, initramfs: paths.initramfs, modules: [] };
  return {
    attempt: { key: { cell: cell.id, index: 0, seed: 7 }, cell, image },
    spec: {
      qemu: { binary: 'qemu-system-x86_64', version: '7.2.22' },
      accelerator: 'tcg',
      bzImage: paths.bzImage,
      initramfs: paths.initramfs,
      shape: cell.workload.machine,
      bootArguments: ['slub_debug=FZP'],
    },
    startedAt: '2026-11-24T12:00:00.000Z',
    console: oops407,
    report: classify(oops407)[0] ?? null,
  };
}
