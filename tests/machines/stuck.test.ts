import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { LocalImages } from '../../harness/attempt/local-images.js';
import { LocalRunner } from '../../harness/attempt/local-runner.js';
import { buildGuest } from '../../harness/guest/build/build-guest.js';
import { buildImage } from '../../harness/guest/build/initramfs.js';
import { projectRoot } from '../../harness/host/project.js';
import { axisRows } from '../../harness/matrix/axis-rows.js';
import { loadMatrix } from '../../harness/matrix/load.js';
import { findRow } from '../../harness/matrix/select-rows.js';
import type { Cell } from '../../harness/matrix/types.js';
import { findQemu } from '../../harness/vm/qemu.js';
import { debianKernel } from './debian-kernel.js';
import { pinnedAccelerator as accelerator } from './pinned-accelerator.js';

const workload = `
#include "km.h"
#include <unistd.h>
int main(int argc, char **argv) {
    km_args(argc, argv);
    if (km_is("way", "wait"))
        pause();
    km_iteration_done();
    return 0;
}
`;

/** A cell of no matrix: one iteration that waits for ever, or ends. */
async function cellOf(way: string): Promise<Cell> {
  const matrix = await loadMatrix(join(projectRoot, 'matrix.yml'));
  const kernel = findRow(matrix, 'debian-6.1-cloud');
  const burn = matrix.workloads.find(({ id }) => id === 'burn');
  if (!burn) throw new Error('matrix.yml has no burn');
  const axes = axisRows(matrix, {}, matrix.path);
  return {
    ...{ id: `${kernel.id}/stand-still`, role: 'matrix', kernel, axes },
    workload: {
      ...burn,
      id: 'stand-still',
      program: 'stand-still',
      arguments: { way },
      iterations: 1,
      timeoutSeconds: 1,
    },
    ...{ attempts: 1, expectation: { outcomes: ['stable'] }, cold: false },
  };
}

t.test('a workload that stands still in a machine that lives: its tasks are the evidence', async (t) => {
  const sources = join(t.testdir({ guest: {} }), 'guest');
  for (const part of ['agent', 'lib'])
    await cp(join(projectRoot, 'images', 'guest', part), join(sources, part), { recursive: true });
  await mkdir(join(sources, 'workloads'));
  await writeFile(join(sources, 'workloads', 'stand-still.c'), workload);
  const [kernel, guest, qemu] = await Promise.all([debianKernel(), buildGuest({ sources }), findQemu()]);
  const { signal } = new AbortController();
  const image = await buildImage({ kernel, guest, modules: [] });
  await using runner = new LocalRunner(
    { qemu, accelerator, calibrationNs: await guest.calibrateOnHost(), images: new LocalImages() },
    { start: 'template', jobs: 1, onRefused: (_, reason) => t.fail(reason), signal },
  );
  const run = async (way: string) => {
    const cell = await cellOf(way);
    const key = { cell: cell.id, index: 0, seed: 1 };
    return (await runner.run({ key, cell, image }, { signal, onState: () => {} })).result;
  };
  const waits = await run('wait');
  t.match(waits, { outcome: 'operation-failed', reason: /the machine lives/ });
  t.match(waits.evidence, /SysRq w:[\s\S]*SysRq t:[\s\S]*stand-still/);
  const ends = await run('end');
  t.match(ends, { outcome: 'stable', evidence: '' }, 'one that ends isn’t asked');
});
