import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';
import { buildGuest, type GuestBuild } from '../../harness/guest/build/build-guest.js';
import { projectRoot } from '../../harness/host/project.js';
import { axisRows } from '../../harness/matrix/axis-rows.js';
import { loadMatrix } from '../../harness/matrix/load.js';
import { findRow } from '../../harness/matrix/select-rows.js';
import type { Cell, WorkloadRow } from '../../harness/matrix/types.js';

/** A guest whose only workload is a test's own. */
export async function guestWith(t: Test, program: string, source: string): Promise<GuestBuild> {
  const sources = join(t.testdir({ guest: {} }), 'guest');
  for (const part of ['agent', 'lib'])
    await cp(join(projectRoot, 'images', 'guest', part), join(sources, part), { recursive: true });
  await mkdir(join(sources, 'workloads'));
  await writeFile(join(sources, 'workloads', `${program}.c`), source);
  return await buildGuest({ sources });
}

/** A cell of no matrix: one iteration of a test's own program on a kernel of matrix.yml. */
export async function cellWith(
  program: string,
  {
    kernel: id = 'debian-6.1-cloud',
    ...over
  }: Partial<Omit<WorkloadRow, 'id'>> & { readonly kernel?: string },
): Promise<Cell> {
  const matrix = await loadMatrix(join(projectRoot, 'matrix.yml'));
  const kernel = findRow(matrix, id);
  const burn = matrix.workloads.find((workload) => workload.id === 'burn');
  if (!burn) throw new Error('matrix.yml has no burn');
  return {
    ...{ id: `${id}/${program}`, role: 'matrix', kernel, axes: axisRows(matrix, {}, matrix.path) },
    workload: { ...burn, id: program, program, arguments: {}, iterations: 1, ...over },
    ...{ attempts: 1, expectation: { outcomes: ['stable'] }, cold: false },
  };
}
