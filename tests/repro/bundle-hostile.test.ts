import { createWriteStream } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { execa } from 'execa';
import t from 'tap';
import { type Header, pack } from 'tar-stream';
import { checkSnapshots } from '../../harness/repro/bundle/check-snapshots.js';
import { emptyQcow2 } from '../../harness/repro/bundle/empty-qcow2.js';
import { unpackBundle } from '../../harness/repro/bundle/unpack-bundle.js';
import { writeBundle } from '../../harness/repro/bundle/write-bundle.js';
import { madeUpRequest } from './bundle-fixture.js';

const never = new AbortController().signal;

async function tarOf(file: string, entries: readonly (Partial<Header> & { name: string })[]): Promise<void> {
  const tar = pack();
  for (const entry of entries) tar.entry(entry, entry.type === undefined ? 'text' : '');
  tar.finalize();
  await pipeline(tar, createGzip(), createWriteStream(file));
}

const hostile: Readonly<Record<string, readonly (Partial<Header> & { name: string })[]>> = {
  'a path that climbs': [{ name: '../bzImage' }],
  'a path that climbs late': [{ name: 'b/../../bzImage' }],
  'an absolute path': [{ name: '/tmp/bzImage' }],
  'a folder of its own': [{ name: 'b/sub/bzImage' }],
  'two folders': [{ name: 'a/bzImage' }, { name: 'b/initramfs' }],
  'a file that no bundle has': [{ name: 'b/.bashrc' }],
  'a symbolic link': [{ name: 'b/bzImage', type: 'symlink', linkname: '/etc/passwd' }],
  'a hard link': [{ name: 'b/bzImage', type: 'link', linkname: '/etc/passwd' }],
  'a device': [{ name: 'b/bzImage', type: 'character-device' }],
  'a fifo': [{ name: 'b/bzImage', type: 'fifo' }],
  'a file twice': [{ name: 'b/bzImage' }, { name: 'b/bzImage' }],
};

for (const [what, entries] of Object.entries(hostile)) {
  t.test(`${what} is refused, and nothing comes of it`, async (t) => {
    const folder = t.testdir({ out: {} });
    const file = join(folder, 'b.tar.gz');
    await tarOf(file, entries);
    await t.rejects(unpackBundle(file, join(folder, 'out'), never), {
      name: 'UsageError',
      message: /^the bundle is hostile or broken/,
    });
    t.same((await readdir(folder)).sort(), ['b.tar.gz', 'out']);
  });
}

t.test('a file that claims to be huge is refused by its claim', async (t) => {
  const folder = t.testdir({ out: {} });
  const file = join(folder, 'b.tar.gz');
  const tar = pack();
  tar.entry({ name: 'b/limits', size: 2 ** 40 });
  const gzip = tar.pipe(createGzip());
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve) => {
    gzip.on('data', (chunk: Buffer) => chunks.push(chunk));
    gzip.flush(() => resolve());
  });
  await writeFile(file, Buffer.concat(chunks));
  await t.rejects(unpackBundle(file, join(folder, 'out'), never), { message: /hostile or broken|broken/ });
});

t.test('a file that the description does not list is refused', async (t) => {
  const folder = t.testdir({ made: {}, out: {}, again: {} });
  const file = join(folder, 'b.tar.gz');
  await writeBundle(await madeUpRequest(folder), file, never);
  await unpackBundle(file, join(folder, 'out'), never);
  await execa('tar', ['-xf', file, '-C', join(folder, 'made')]);
  const [own = ''] = await readdir(join(folder, 'made'));
  await writeFile(join(folder, 'made', own, 'vmlinux'), 'symbols of the sender');
  await execa('tar', ['-czf', file, '-C', join(folder, 'made'), own]);
  await t.rejects(unpackBundle(file, join(folder, 'again'), never), {
    name: 'UsageError',
    message: /vmlinux is in it, and not in its description/,
  });
});

t.test('what is no bundle is named so', async (t) => {
  const folder = t.testdir({ out: {}, text: 'hello', 'cut.tar.gz': Buffer.from([0x1f, 0x8b, 8, 0]) });
  const out = join(folder, 'out');
  await t.rejects(unpackBundle(join(folder, 'text'), out, never), { message: /no bundle/ });
  await t.rejects(unpackBundle(join(folder, 'none'), out, never), { name: 'UsageError' });
  await t.rejects(unpackBundle(join(folder, 'cut.tar.gz'), out, never), { name: 'UsageError' });
  const empty = join(folder, 'empty.tar.gz');
  await tarOf(empty, []);
  await t.rejects(unpackBundle(empty, out, never), { message: /no bundle\.json/ });
});

t.test('a description that asks for the impossible is refused', async (t) => {
  const folder = t.testdir({ out: {} });
  const file = join(folder, 'b.tar.gz');
  const tar = pack();
  tar.entry({ name: 'b/bundle.json' }, JSON.stringify({ format: 1, machine: { cpus: 1e9 } }));
  tar.finalize();
  await pipeline(tar, createGzip(), createWriteStream(file));
  await t.rejects(unpackBundle(file, join(folder, 'out'), never), {
    name: 'UsageError',
    message: /^bundle\.json/,
  });
});

t.test('snapshots that refer to a file of the host are refused', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 's.qcow2');
  await writeFile(path, emptyQcow2());
  await checkSnapshots(path, 'b');
  const backed = emptyQcow2();
  backed.writeBigUInt64BE(512n, 8);
  await writeFile(path, backed);
  await t.rejects(checkSnapshots(path, 'b'), { name: 'UsageError', message: /refer to other files/ });
  const external = emptyQcow2();
  external.writeBigUInt64BE(4n, 72);
  await writeFile(path, external);
  await t.rejects(checkSnapshots(path, 'b'), { name: 'UsageError' });
});
