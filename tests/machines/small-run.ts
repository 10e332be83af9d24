import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import type { KmatrixOptions } from '../cli/kmatrix.js';
import { oneKernelMatrix } from './one-kernel-matrix.js';

/**
 * A matrix of one Debian kernel (matrix.yml's own row, so that the cache gets no other name), the plain workload and two quick
 * controls; `mark` stands in its kernel arguments.
 */
const matrix = (mark: string, iterations = 5): string => `${oneKernelMatrix}workloads:
  burn: {program: burn, iterations: ${iterations}}
  calm: {program: burn, iterations: 1}
  lie: {program: control-lie, iterations: 10}
storage: {plain: {}}
boot: {default: [${mark}]}
controls:
  quiet: {role: known-good, kernels: [debian-6.1-cloud], workload: calm, outcomes: [stable], because: nothing is wrong}
  lie: {role: known-bad, kernels: [debian-6.1-cloud], workload: lie, outcomes: [operation-failed], because: it did nothing}
expected: []
profiles: {smoke: {kernel: debian-6.1-cloud, workload: burn, storage: plain, boot: default}}
`;

/** Words of the command line that run such a matrix, kept in a folder. */
export async function setUp(
  folder: string,
  iterations?: number,
): Promise<{ words: string[]; file: string; out: string; mark: string; marked: KmatrixOptions }> {
  const mark = `kmatrix.test=${process.pid}-${counter++}`;
  const file = join(folder, 'matrix.yml');
  await writeFile(file, matrix(mark, iterations));
  const out = join(folder, 'out');
  return {
    file,
    out,
    mark,
    marked: { env: { KMATRIX_TEST: mark } },
    words: ['run', '--matrix', file, '--out', out, '--jobs', '1'],
  };
}
let counter = 0;

/** Lines of the only run's attempts.jsonl, but for its two controls. */
export async function finished(out: string): Promise<string[]> {
  const [run] = await readdir(out).catch(() => []);
  const text =
    run === undefined ? '' : await readFile(join(out, run, 'attempts.jsonl'), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line.includes('"debian-6.1-cloud/burn"'));
}
