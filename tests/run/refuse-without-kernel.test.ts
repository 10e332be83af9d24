import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { wholeProfile } from '../../harness/matrix/expand.js';
import { loadMatrix } from '../../harness/matrix/load.js';
import { refuseWithoutKernel } from '../../harness/run/refuse-without-kernel.js';
import { kmatrix } from '../cli/kmatrix.js';
import { oneKernelMatrix } from '../machines/one-kernel-matrix.js';

const text = `${oneKernelMatrix}  none: {line: '6.2', flavour: vanilla, verified: true, tree: {supplied: true}}
  neither: {line: '6.3', flavour: vanilla, verified: true, tree: {supplied: true}}
workloads: {burn: {program: burn, iterations: 5}, other: {program: burn, iterations: 6}}
storage: {plain: {}}
boot: {default: []}
controls:
  quiet: {role: known-good, kernels: [debian-6.1-cloud], workload: burn, outcomes: [stable], because: harmless}
expected: []
profiles: {smoke: {kernel: '*', workload: other, storage: plain, boot: default}}
`;
const root = t.testdir({ 'matrix.yml': text, cache: {} });
const file = join(root, 'matrix.yml');
await writeFile(file, text);

t.test('a run whose only kernel can’t be had says so before its controls, and exits 3', async (t) => {
  const words = ['run', '--matrix', file, '--out', join(root, 'out'), '--accelerator', 'tcg'];
  const { exitCode, stderr, stdout } = await kmatrix([...words, '--kernel', 'none']);
  t.equal(exitCode, 3);
  t.match(stderr, /^none: unavailable: .*kmatrix images build none --tree FOLDER/m);
  t.match(stderr, /the selected kernel none is not available\n.*→ .*kmatrix matrix kernels/);
  t.notMatch(stderr, /burn/, 'no control ran');
  t.equal(stdout, '');
  t.same(await readdir(join(root, 'out')).catch(() => []), [], 'and no run is left behind');
});

t.test('kernels are asked for until one is there, and not at all where the cache has one', async (t) => {
  process.env.KMATRIX_CACHE = join(root, 'cache');
  const matrix = await loadMatrix(file);
  const smoke = wholeProfile('smoke');
  const asked: string[] = [];
  const shelf = (...there: readonly string[]) => ({
    kernel: async ({ id }: { readonly id: string }) => {
      asked.push(id);
      return there.includes(id) ? ({ kernel: { id }, cached: false } as never) : { unavailable: 'gone' };
    },
  });
  await refuseWithoutKernel(matrix, smoke, shelf('none'));
  t.same(asked.splice(0), ['debian-6.1-cloud', 'none']);
  await t.rejects(refuseWithoutKernel(matrix, smoke, shelf()), {
    exitCode: 3,
    message: 'none of the 3 selected kernels is available',
  });
  t.same(asked.splice(0), ['debian-6.1-cloud', 'none', 'neither']);
  await refuseWithoutKernel(matrix, { ...smoke, cells: ['none/other'] }, shelf());
  t.same(asked, [], 'of a reproduction, that is an answer');
});
