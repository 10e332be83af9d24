import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { withStaging } from '../../harness/cache/staging.js';
import { publishEntry } from '../../harness/cache/store.js';
import { importedName, rowName, writeBinding } from '../../harness/kernels/binding.js';
import { findKernel, listKernels, publishKernel } from '../../harness/kernels/kernel-entries.js';
import { removeImported } from '../../harness/kernels/remove-imported.js';
import { makeWorkshop, toyTree, writeFiles } from './build/tree-fixture.js';

const fetched = { id: 'debian-6.1', source: { kind: 'file', bzImage: 'x' } } as const;

const publish = (name: Parameters<typeof publishKernel>[0], text: string) =>
  withStaging(async (folder) => {
    await writeFile(join(folder, 'bzImage'), text);
    return publishKernel(name, { folder, release: `6.1-${text}`, provenance: text, seconds: 0 });
  });

t.test('what was made from the kernel goes with it, and nothing of another one', async (t) => {
  const { cache } = makeWorkshop(t);
  const mine = await publish(importedName('mine'), 'mine');
  const other = await publish(importedName('other'), 'other');
  const made = (kernel: string) =>
    withStaging(async (folder) => {
      await writeFile(join(folder, 'initramfs'), kernel);
      return publishEntry('initramfs', folder, { kernel });
    });
  const [gone, left] = [await made(mine.id), await made(other.id)];
  t.match(await removeImported('mine'), { kernel: { id: mine.id }, kept: [], made: [{ id: gone.id }] });
  t.same(
    (await listKernels()).map(({ id }) => id),
    [other.id],
  );
  t.same(await readdir(join(cache, 'initramfs')), [left.id]);
  t.same(await readdir(join(cache, 'imported')), ['other.json']);
});

t.test('a build is forgotten whole: the same is built again, not found', async (t) => {
  const shop = makeWorkshop(t);
  const source = {
    kind: 'tree',
    folder: await writeFiles(join(shop.folder, 'toy'), await toyTree()),
    config: {},
    patches: [],
  } as const;
  const first = await shop.build({ source });
  t.match(await removeImported('vanilla-6.1'), { kernel: { id: first.id }, kept: [] });
  t.same(await listKernels(), []);
  t.same(await readdir(join(shop.cache, 'rows')), []);
  t.ok(await shop.build({ source }));
});

t.test('a row whose fetched kernel has the same bytes keeps it', async (t) => {
  makeWorkshop(t);
  await publish(importedName('debian-6.1'), 'same');
  await publish(rowName(fetched), 'same');
  t.match(await removeImported('debian-6.1'), { kept: ['debian-6.1'] });
  t.ok(await findKernel(rowName(fetched)));
  await t.rejects(removeImported('debian-6.1'), { name: 'UsageError', message: /was fetched/ });
});

t.test('a name whose kernel is gone goes as well', async (t) => {
  makeWorkshop(t);
  await writeBinding(importedName('lost'), { entry: 'a'.repeat(64), provenance: '', seconds: 0 });
  t.same(await removeImported('lost'), { name: 'lost', kept: [], made: [] });
  await t.rejects(removeImported('lost'), { name: 'UsageError' });
});
