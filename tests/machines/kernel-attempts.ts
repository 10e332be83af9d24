import { join } from 'node:path';
import type { Test } from 'tap';
import { LocalContent, referenceTo } from '../../harness/attempt/local-content.js';
import { LocalRunner } from '../../harness/attempt/local-runner.js';
import type { Attempt, AttemptResult } from '../../harness/attempt/types.js';
import { buildGuest } from '../../harness/guest/build/build-guest.js';
import { buildImage } from '../../harness/guest/build/initramfs.js';
import { projectRoot } from '../../harness/host/project.js';
import { importedName, rowName } from '../../harness/kernels/binding.js';
import { findKernel } from '../../harness/kernels/kernel-entries.js';
import type { KernelEntry } from '../../harness/kernels/types.js';
import { axisRows, cellIdIn } from '../../harness/matrix/axis-rows.js';
import { loadMatrix } from '../../harness/matrix/load.js';
import type { Cell, KernelRow } from '../../harness/matrix/types.js';
import { modulesOf } from '../../harness/matrix/what-a-cell-asks.js';
import { findQemu } from '../../harness/vm/qemu.js';
import { pinnedAccelerator as accelerator } from './pinned-accelerator.js';

export interface CachedKernel {
  readonly row: KernelRow;
  readonly kernel: KernelEntry;
}

export interface KernelAttempts {
  /** A row's kernel from the cache alone: these tests fetch and build nothing. */
  cached(id: string): CachedKernel | undefined;
  /** One attempt of a cell of matrix.yml, as a run makes it; `seed` 1 by default. */
  run(
    cached: CachedKernel,
    workload: string,
    boot: string,
    storage?: string,
    seed?: number,
  ): Promise<AttemptResult>;
  /**
   * Attempts of one cell until one reports #407, five at most. A race needn't be lost in the first; a kernel without the
   * bug loses it in none.
   */
  until407(cached: CachedKernel, workload: string, boot: string): Promise<readonly AttemptResult[]>;
}

/** Whether one of an attempt's reports is #407. */
export const has407 = ({ reports }: AttemptResult): boolean =>
  reports.some(({ knownIssue }) => knownIssue === '#407');

/**
 * Attempts of matrix.yml's own cells on kernels of the cache; the runner ends with the test.
 *
 * Which of `ids` the cache holds is looked up here, at once: tap ends a file whose tests are over, and a test that is
 * registered after a further wait would be missing unsaid.
 */
export async function kernelAttempts(t: Test, ids: readonly string[]): Promise<KernelAttempts> {
  const matrix = await loadMatrix(join(projectRoot, 'matrix.yml'));
  const qemu = await findQemu();
  const guest = await buildGuest();
  const signal = new AbortController().signal;
  const runner = new LocalRunner(
    { qemu, accelerator, calibrationNs: await guest.calibrateOnHost(), content: new LocalContent() },
    {
      start: 'template',
      jobs: 1,
      onRefused: (kernel, reason) => t.fail(`${kernel} isn’t restored: ${reason}`),
      signal,
    },
  );
  t.teardown(() => runner[Symbol.asyncDispose]());
  const kernels = new Map<string, CachedKernel>();
  for (const id of ids) {
    const row = matrix.kernels.find((known) => known.id === id);
    const kernel = row && ((await findKernel(importedName(row.id))) ?? (await findKernel(rowName(row))));
    if (row && kernel) kernels.set(id, { row, kernel });
  }
  const run: KernelAttempts['run'] = async (
    { row, kernel },
    workloadId,
    bootId,
    storageId = 'plain',
    seed = 1,
  ) => {
    const workload = matrix.workloads.find(({ id }) => id === workloadId);
    if (!workload) throw new Error(`matrix.yml has no ${workloadId}`);
    const rows = { storage: storageId, 'kernel-arguments': bootId };
    const axes = axisRows(matrix, rows, matrix.path);
    const cell: Cell = {
      id: cellIdIn(matrix, { kernel: row.id, workload: workloadId, rows }),
      role: 'matrix',
      kernel: row,
      workload,
      axes,
      attempts: 1,
      expectation: { outcomes: ['stable'] },
      cold: false,
    };
    const { offered = [] } = workload;
    const modules = modulesOf(cell);
    const image = await buildImage({ kernel, guest, modules, offered });
    const attempt: Attempt = { key: { cell: cell.id, index: 0, seed }, cell, image: referenceTo(image) };
    // as from another host
    const travelled: Attempt = JSON.parse(JSON.stringify(attempt));
    const finished = await runner.run(travelled, { signal, onState: () => {} });
    return finished.result;
  };
  const until407: KernelAttempts['until407'] = async (kernel, workload, boot) => {
    const results: AttemptResult[] = [];
    for (let seed = 1; seed <= 5 && !results.some(has407); seed++)
      results.push(await run(kernel, workload, boot, 'plain', seed));
    return results;
  };
  return { cached: (id) => kernels.get(id), run, until407 };
}
