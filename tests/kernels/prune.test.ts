import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';
import { keyedEntry } from '../../harness/cache/keyed-entry.js';
import { verifyCache } from '../../harness/cache/verify.js';
import { buildGuest } from '../../harness/guest/build/build-guest.js';
import { takeLock } from '../../harness/host/lock.js';
import { importedName, listBindings } from '../../harness/kernels/binding.js';
import { findKernel } from '../../harness/kernels/kernel-entries.js';
import { pruneCache } from '../../harness/kernels/prune.js';
import { obtainFile } from '../../harness/kernels/sources/file.js';
import { smallGuest } from '../guest/build/small-guest.js';
import { fakeBzImage } from './fetch/archive-fixture.js';

const day = 24 * 3600;
const later = (days: number) => new Date(Date.now() + days * day * 1000);

t.beforeEach(async (t) => {
  const folder = t.testdir({ cache: {} });
  process.env.KMATRIX_CACHE = join(folder, 'cache');
  await writeFile(join(folder, 'bzImage'), fakeBzImage('3.2.71'));
  t.context.bzImage = join(folder, 'bzImage');
});

const asRow = (bzImage: string) =>
  obtainFile({ space: 'rows', name: 'a', key: '1' }, { kind: 'file', bzImage });

async function madeFrom(kernel: string, kind: 'initramfs' | 'control-modules', key: string) {
  return keyedEntry(kind, key.repeat(64), async (staged) => {
    await writeFile(join(staged, 'file'), key);
    return { release: '3.2.71', kernel };
  });
}

t.test(
  'what was used lately stays, what was not goes, with what was made from it and its names',
  async (t) => {
    const { id } = await asRow(t.context.bzImage);
    await madeFrom(id, 'initramfs', 'a');
    await madeFrom(id, 'control-modules', 'b');
    t.same(await pruneCache({ days: 30 }, later(29)), []);
    const removed = await pruneCache({ days: 30 }, later(31));
    t.same(
      removed.map(({ kind, name }) => [kind, name]),
      [
        ['kernels', '3.2.71'],
        ['initramfs', '3.2.71'],
        ['control-modules', '3.2.71'],
      ],
    );
    t.equal(removed[0]?.bytes, 8192);
    t.same(await listBindings(), []);
    t.same(await readdir(join(process.env.KMATRIX_CACHE ?? '', 'initramfs-keys')), []);
  },
);

t.test('an imported kernel stays, whatever its age, unless asked', async (t) => {
  const name = importedName('mine');
  await obtainFile(name, { kind: 'file', bzImage: t.context.bzImage });
  t.same(await pruneCache({ days: 30, sizeMiB: 0 }, later(99)), []);
  t.ok(await findKernel(name));
  t.equal((await pruneCache({ days: 30, imported: true }, later(99))).length, 1);
  t.equal(await findKernel(name), undefined);
});

t.test('old downloads go, one that is under way stays', async (t) => {
  const downloads = join(process.env.KMATRIX_CACHE ?? '', 'downloads');
  const hash = 'a'.repeat(64);
  await mkdir(join(downloads, hash), { recursive: true });
  await writeFile(join(downloads, hash, 'x.deb'), 'deb');
  const [old, busy] = ['b'.repeat(32), 'c'.repeat(32)];
  for (const name of [`${old}.part`, `${old}.url.json`, `${busy}.part`]) {
    await writeFile(join(downloads, name), 'part');
    await utimes(join(downloads, name), 1, 1);
  }
  const lock = await takeLock(join(process.env.KMATRIX_CACHE ?? '', 'locks', `download-${busy}`), {
    wait: false,
  });
  try {
    const removed = await pruneCache({ days: 1 });
    t.same(removed.map(({ name }) => name).sort(), [`${old}.part`, `${old}.url.json`]);
    t.same((await readdir(downloads)).sort(), [hash, `${busy}.part`]);
  } finally {
    await lock?.release();
  }
  t.same((await pruneCache({ days: 1 }, later(2))).map(({ name }) => name).sort(), [`${busy}.part`, 'x.deb']);
});

t.test('verify reads every byte, names what is broken, removes it, and leaves the rest', async (t) => {
  const { id, bzImage } = await asRow(t.context.bzImage);
  const good = await madeFrom(id, 'initramfs', 'a');
  const bad = await madeFrom(id, 'control-modules', 'b');
  const lost = await madeFrom(id, 'initramfs', 'c');
  await writeFile(join(bad.folder, 'file'), 'x');
  await writeFile(bzImage, fakeBzImage('3.2.72'));
  await writeFile(join(lost.folder, 'entry.json'), '{');
  const read = async () => {
    const all = [];
    for await (const one of verifyCache()) all.push(one);
    return all;
  };
  const broken = (await read()).filter(({ trouble }) => trouble !== undefined);
  t.same(broken.map((one) => one.id).sort(), [id, bad.id, lost.id].sort());
  t.match(broken.find((one) => one.id === id)?.trouble, /bzImage has other bytes/);
  t.same(await read(), [{ kind: 'initramfs', id: good.id, name: '3.2.71', trouble: undefined }]);
});

t.test('compiled guests are read, mended and pruned as other entries are', async (t) => {
  const sources = smallGuest(t);
  const { agent } = await buildGuest({ sources });
  await writeFile(agent, 'broken');
  const read = [];
  for await (const one of verifyCache()) read.push(one);
  t.match(read, [{ kind: 'guest-programs', trouble: /agent/ }]);
  const { id } = await buildGuest({ sources });
  t.same(await pruneCache({ days: 30 }, later(29)), []);
  t.match(await pruneCache({ days: 30 }, later(31)), [{ kind: 'guest-programs' }]);
  t.same(await readdir(join(sources, 'cache/guest-programs')), []);
  t.equal((await buildGuest({ sources })).id, id, 'made anew');
});

t.test('files of locks, notes and what earlier versions left go, a lock that is held stays', async (t) => {
  const cache = process.env.KMATRIX_CACHE ?? '';
  const left = ['locks/row-a', 'locks/held', 'own-bundles/x', 'guest/draft-a/agent', 'guest/b.lock'];
  for (const path of left) {
    await mkdir(dirname(join(cache, path)), { recursive: true });
    await writeFile(join(cache, path), '');
  }
  const lock = await takeLock(join(cache, 'locks/held'), { wait: false });
  const names = async (folder: string) => (await readdir(join(cache, folder))).sort();
  await pruneCache({ days: 1 });
  t.same(await names('locks'), ['held', 'row-a'], 'young');
  t.same(await names('guest'), ['b.lock', 'draft-a']);
  await pruneCache({ days: 1 }, later(2));
  t.same(await names('locks'), ['held']);
  t.same([await names('own-bundles'), await names('guest')], [[], []]);
  await lock?.release();
});
