import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { projectRoot } from '../../harness/host/project.js';

type Rows = Readonly<Record<string, object>>;

/**
 * A matrix file with a part of matrix.yml: Debian 6.1, four storage drivers, one userland, and two quick controls, without
 * which a run has no verdict.
 *
 * @param workloads of these ids; what is given here takes the place of what matrix.yml says
 * @param expected what some of them are to end as
 * @returns its path
 */
export async function userlandMatrix(folder: string, workloads: Rows, expected: Rows): Promise<string> {
  const whole = parse(await readFile(join(projectRoot, 'matrix.yml'), 'utf8'), { merge: true });
  const pick = (rows: Rows, ...ids: string[]) => Object.fromEntries(ids.map((id) => [id, rows[id]]));
  const only = (control: object) => ({ ...control, kernels: ['debian-6.1-cloud'] });
  const own = Object.entries(workloads).map(([id, changed]) => [id, { ...whole.workloads[id], ...changed }]);
  const matrix = {
    version: 1,
    kernels: pick(whole.kernels, 'debian-6.1-cloud'),
    workloads: { ...Object.fromEntries(own), ...pick(whole.workloads, 'burn', 'control-lie') },
    storage: pick(whole.storage, 'plain', 'overlay', 'btrfs', 'devicemapper'),
    kernelArguments: pick(whole.kernelArguments, 'default'),
    userlands: whole.userlands,
    controls: { quiet: only(whole.controls.quiet), lie: only(whole.controls.lie) },
    defaults: whole.defaults,
    expected: Object.entries(expected).map(([workload, rest]) => ({ workload, because: 'a test', ...rest })),
    profiles: { smoke: { kernel: 'debian-6.1-cloud', workload: Object.keys(workloads), storage: 'overlay' } },
  };
  const file = join(folder, 'matrix.yml');
  await writeFile(file, stringify(matrix));
  return file;
}
