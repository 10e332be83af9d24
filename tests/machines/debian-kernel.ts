import { join } from 'node:path';
import { projectRoot } from '../../harness/host/project.js';
import { obtainKernel } from '../../harness/kernels/sources/obtain-kernel.js';
import type { KernelEntry } from '../../harness/kernels/types.js';
import { loadMatrix } from '../../harness/matrix/load.js';
import { findRow } from '../../harness/matrix/select-rows.js';

/** The kernel that the machine tests boot: a row of matrix.yml, from the cache or from this host's mirror. */
export async function debianKernel(): Promise<KernelEntry> {
  const matrix = await loadMatrix(join(projectRoot, 'matrix.yml'));
  const row = findRow(matrix, 'debian-6.1-cloud');
  return obtainKernel(row, { onEvent: () => {}, offline: false, signal: AbortSignal.timeout(600_000) });
}
