import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { wholeProfile } from '../../harness/matrix/expand.js';
import { loadMatrix } from '../../harness/matrix/load.js';
import { beginRun } from '../../harness/run/begin-run.js';
import { makeWorkshop, toyTree, writeFiles } from '../kernels/build/tree-fixture.js';
import { aRun } from '../results/stored-run.js';

const text = `version: 1
defaults: {machine: {cpus: 1, memoryMiB: 128}, attempts: 1, timeoutSeconds: 10}
kernels:
  vanilla-6.2: {line: '6.2', flavour: vanilla, verified: true, tree: {supplied: true}}
  vanilla-6.1: {line: '6.1', flavour: vanilla, verified: true, tree: {supplied: true}}
workloads:
  burn: {program: burn, iterations: 5}
  other: {program: burn, iterations: 6}
storage: {plain: {}}
boot: {default: []}
controls:
  quiet: {role: known-good, kernels: [vanilla-6.2, vanilla-6.1], workload: burn, outcomes: [stable], because: harmless}
expected: []
profiles: {smoke: {kernel: vanilla-6.1, workload: other, storage: plain, boot: default}}
`;

t.test('controls run on kernels built here, and none is built for them', async (t) => {
  const shop = makeWorkshop(t);
  const file = join(shop.folder, 'matrix.yml');
  await writeFile(file, text);
  const matrix = await loadMatrix(file);
  const asked: string[][] = [];
  const begin = async (): Promise<string[]> => {
    const shelf = {
      firstOf: async (rows: (typeof matrix)['kernels']) => {
        asked.push(rows.map(({ id }) => id));
        return rows[0];
      },
    };
    const request = { matrix, selection: wholeProfile('smoke'), out: join(shop.folder, 'runs') };
    const { store, cells } = await beginRun(request, shelf, aRun([]));
    await store.close();
    return cells.filter(({ role }) => role === 'known-good').map(({ id }) => id);
  };
  t.same(await begin(), ['vanilla-6.2/burn'], 'none can run: the first stands there without a verdict');
  const tree = await writeFiles(join(shop.folder, 'toy'), await toyTree());
  await shop.build({ source: { kind: 'tree', folder: tree, config: {}, patches: [] } });
  t.same(await begin(), ['vanilla-6.1/burn']);
  t.same(asked, [[], ['vanilla-6.1']], 'the one that would have to be built is not asked for');
});
