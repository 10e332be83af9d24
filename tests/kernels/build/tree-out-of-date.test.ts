import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { importedName } from '../../../harness/kernels/binding.js';
import { buildSupplied } from '../../../harness/kernels/build/build-supplied.js';
import { obtainFile } from '../../../harness/kernels/sources/file.js';
import { obtainKernel } from '../../../harness/kernels/sources/obtain-kernel.js';
import type { ImageEvent, KernelEntry } from '../../../harness/kernels/types.js';
import type { KernelRow, TreeSource } from '../../../harness/matrix/types.js';
import { fakeBzImage } from '../fetch/archive-fixture.js';
import { makeWorkshop, toyTree, writeFiles } from './tree-fixture.js';

const rowOf = (source: Partial<TreeSource>): KernelRow => ({
  id: 'vanilla-6.1',
  line: '6.1',
  flavour: 'vanilla',
  source: { kind: 'tree', config: {}, patches: [], ...source },
  bootArguments: [],
  verified: false,
});

const { signal } = new AbortController();
const configOf = ({ config }: KernelEntry) => readFile(config ?? '', 'utf8');

t.test('a kernel built with other options than the row has now is built again', async (t) => {
  const shop = makeWorkshop(t);
  const folder = await writeFiles(join(shop.folder, 'toy'), await toyTree());
  const events: ImageEvent[] = [];
  const obtain = (config: Record<string, string>) =>
    obtainKernel(rowOf({ folder, config }), {
      signal,
      offline: false,
      onEvent: (event) => events.push(event),
    });
  const first = await obtain({});
  t.equal((await obtain({})).id, first.id);
  t.match(events.at(-1), { type: 'image-ready', cached: true });
  const poisoned = await obtain({ SLUB_DEBUG_ON: 'y' });
  t.match(events.at(-1), { type: 'image-ready', cached: false });
  t.match(await configOf(poisoned), /^CONFIG_SLUB_DEBUG_ON=y$/m);
  t.equal((await obtain({})).id, first.id, 'and the first one is still there');
});

t.test('where the tree is no longer at hand, the kernel of before answers and says so', async (t) => {
  const shop = makeWorkshop(t);
  const tree = await writeFiles(join(shop.folder, 'toy'), await toyTree());
  const row = rowOf({ supplied: true });
  const built = await buildSupplied({
    row,
    tree,
    jobs: 1,
    // what a person adds at the command line is not the row's
    config: ['SLUB_DEBUG_ON=y'],
    onEvent: () => {},
    signal,
  });
  const events: ImageEvent[] = [];
  const obtain = (wanted: KernelRow) =>
    obtainKernel(wanted, { signal, offline: false, onEvent: (event) => events.push(event) });
  t.equal((await obtain(row)).id, built.id);
  t.same(
    events.map(({ type }) => type),
    ['image-ready'],
  );
  events.length = 0;
  const old = await obtain(rowOf({ supplied: true, config: { PANIC_ON_OOPS: 'y' } }));
  t.equal(old.id, built.id);
  t.match(old.provenance, /options asked for since are not in it/, 'the table says so too');
  t.match(events.slice(-2), [
    {
      type: 'image-warning',
      warning:
        /^not refreshed, the cached 6\.1\.7-toy was built with other options than are asked for now: the tree of/,
    },
    { type: 'image-ready', cached: true },
  ]);
});

t.test('a kernel of another line under the row’s name is not used, and its remedy is told', async (t) => {
  const shop = makeWorkshop(t);
  await writeFile(join(shop.folder, 'bzImage'), fakeBzImage('6.10.2'));
  await obtainFile(importedName('vanilla-6.1'), { kind: 'file', bzImage: join(shop.folder, 'bzImage') });
  const warnings: string[] = [];
  const onEvent = (event: ImageEvent) => {
    if (event.type === 'image-warning') warnings.push(event.warning);
  };
  const obtain = (row: KernelRow) => obtainKernel(row, { signal, offline: false, onEvent });
  await t.rejects(obtain(rowOf({ supplied: true })), { name: 'ImageError', message: /has no public place/ });
  t.match(warnings, [/cached 6\.10\.2 .* not of the line 6\.1.*kmatrix images remove vanilla-6\.1/]);
  const imported = { kind: 'imported', name: 'vanilla-6.1' } as const;
  await t.rejects(obtain({ ...rowOf({}), id: 'own', source: imported }), {
    name: 'ImageError',
    message: "what was imported as 'vanilla-6.1' is 6.10.2, and own is a row of the line 6.1",
  });
  const folder = await writeFiles(join(shop.folder, 'toy'), await toyTree());
  t.equal((await obtain(rowOf({ folder }))).release, '6.1.7-toy', 'the row is built instead');
});
