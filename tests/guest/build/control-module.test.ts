import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { buildControlModule } from '../../../harness/guest/build/control-module.js';
import type { KernelRow } from '../../../harness/matrix/types.js';
import { makeWorkshop, toyTree, writeFiles } from '../../kernels/build/tree-fixture.js';

const source = { kind: 'tree', supplied: true, config: {}, patches: [] } as const;
const row: KernelRow = {
  id: 'vanilla-6.1',
  line: '6.1',
  flavour: 'vanilla',
  source,
  bootArguments: [],
  verified: false,
};
const options = {
  signal: new AbortController().signal,
  offline: true,
  refresh: false,
  onEvent: () => {},
};

t.test(
  'the known-bad module is built for a kernel built here, with the tools’ words of its build',
  async (t) => {
    const shop = makeWorkshop(t);
    const files = { ...(await toyTree()), 'include/linux/module.h': '/* module */\n' };
    const tree = await writeFiles(join(shop.folder, 'toy'), files);
    const kernel = await shop.build({ source: { kind: 'tree', folder: tree, config: {}, patches: [] } });
    const module = await buildControlModule(row, kernel, options);
    t.match(await readFile(module, 'utf8'), /MODULE_LICENSE\("GPL"\);[\s\S]*\ngcc.*\|x86\n$/);
  },
);

t.test('a kernel built before headers were kept has none, and the error says how to get them', async (t) => {
  const shop = makeWorkshop(t);
  const tree = await writeFiles(join(shop.folder, 'toy'), await toyTree());
  const built = await shop.build({ source: { kind: 'tree', folder: tree, config: {}, patches: [] } });
  const { headers: _, ...kernel } = built;
  await t.rejects(buildControlModule(row, kernel, options), {
    name: 'ImageError',
    message: 'no headers to build the known-bad module for vanilla-6.1',
    remedy: /kmatrix images build vanilla-6\.1/,
  });
});
