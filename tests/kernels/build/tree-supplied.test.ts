import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { buildSupplied } from '../../../harness/kernels/build/build-supplied.js';
import type { KernelRow, TreeSource } from '../../../harness/matrix/types.js';
import { makeWorkshop, toyIn } from './tree-fixture.js';

t.test('the words of the command line become a source', async (t) => {
  const shop = makeWorkshop(t);
  const tree = await toyIn(shop);
  const row: KernelRow = {
    id: 'vanilla-6.1',
    line: '6.1',
    flavour: 'vanilla',
    source: { kind: 'tree', supplied: true, config: {}, patches: [] },
    bootArguments: [],
    verified: false,
  };
  const { signal } = new AbortController();
  const build = (over: Partial<Parameters<typeof buildSupplied>[0]>) =>
    buildSupplied({ row, jobs: 1, onEvent: () => {}, signal, ...over });
  const kernel = await build({ tree, config: ['CONFIG_SLUB_DEBUG_ON=y'] });
  t.match(await readFile(kernel.config ?? '', 'utf8'), /SLUB_DEBUG_ON=y/);
  t.equal((await build({ tree: shop.folder, folder: 'toy', config: ['SLUB_DEBUG_ON=y'] })).id, kernel.id);
  await t.rejects(build({ tree, config: ['SLUB_DEBUG_ON'] }), { name: 'UsageError' });
  await t.rejects(build({ commit: 'HEAD' }), { name: 'UsageError' });
  await t.rejects(build({ tree: join(tree, 'Kconfig'), commit: 'HEAD' }), { name: 'UsageError' });
  await t.rejects(build({ tree: join(tree, 'nope') }), { name: 'UsageError' });
  const tarball = { url: 'file:///absent/linux-6.1.tar.xz', sha256: null };
  const refused = async (over: Parameters<typeof build>[0], error: object) =>
    t.match(await build(over).catch((reason: unknown) => reason), error);
  await refused(
    {},
    {
      name: 'ImageError',
      where: undefined,
      remedy: /^build it: kmatrix images build vanilla-6\.1 --tree FOLDER$/,
    },
  );
  await refused(
    { row: { ...row, source: { ...row.source, require: { AUFS_FS: 'y' } } as TreeSource } },
    {
      name: 'ImageError',
      where: undefined,
      remedy: /build vanilla-6\.1 --tree FOLDER, and --patch-set where that lacks AUFS_FS/,
    },
  );
  await refused(
    { row: { ...row, source: { kind: 'tree', tarball, config: {}, patches: [] } } },
    { name: 'ImageError', remedy: /; or give a tree: kmatrix images build vanilla-6\.1 --tree FOLDER$/ },
  );
  const imported = { ...row, source: { kind: 'imported', name: 'vanilla-6.1' } } as const;
  t.equal((await build({ row: imported, tree, config: ['SLUB_DEBUG_ON=y'] })).id, kernel.id, 'its own name');
  await refused(
    { row: { ...imported, id: 'own' }, tree },
    { name: 'UsageError', message: /own is a row of the kind imported: it has no tree/ },
  );
});
