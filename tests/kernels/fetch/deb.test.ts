import { createWriteStream } from 'node:fs';
import { access, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import t from 'tap';
import { type Header, pack } from 'tar-stream';
import { ImageError } from '../../../harness/errors.js';
import { unpackDeb } from '../../../harness/kernels/fetch/deb.js';
import { placeKernelFile } from '../../../harness/kernels/fetch/kernel-layout.js';

type Member = Partial<Header> & { readonly name: string; readonly content?: string };

const kernelFiles: Member[] = [
  { name: './boot/vmlinuz-6.1.0-test', content: 'kernel' },
  { name: './boot/config-6.1.0-test', content: 'CONFIG_X=y' },
  { name: './lib/modules/6.1.0-test/kernel/a.ko', content: 'module' },
  { name: './usr/share/doc/x/README', content: 'not wanted' },
];

/** A real package: tar, compressed by the real tool, put together by ar. */
async function makeDeb(
  folder: string,
  members: readonly Member[],
  compress: readonly string[] = [],
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const archive = pack();
  for (const { content, ...header } of members) archive.entry(header, content ?? '');
  archive.finalize();
  const [suffix = '', command, ...words] = compress;
  const data = `data.tar${suffix}`;
  await pipeline(archive, createWriteStream(join(folder, 'data.tar')));
  if (command) await execa(command, [...words, 'data.tar'], { cwd: folder });
  await writeFile(join(folder, 'debian-binary'), '2.0\n');
  await writeFile(join(folder, 'control.tar'), '');
  await rm(join(folder, 'x.deb'), { force: true });
  await execa('ar', ['rc', 'x.deb', 'debian-binary', 'control.tar', data], { cwd: folder });
  return join(folder, 'x.deb');
}

const place = placeKernelFile;

t.test('every compression of packages is read, and only what a kernel needs is written', async (t) => {
  const ways = [
    [],
    ['.gz', 'gzip'],
    ['.xz', 'xz'],
    ['.zst', 'zstd', '-q'],
    ['.bz2', 'bzip2'],
    ['.lzma', 'xz', '--format=lzma'],
  ];
  for (const way of ways) {
    const folder = t.testdir({});
    const deb = await makeDeb(join(folder, 'make'), kernelFiles, way);
    const out = join(folder, 'out');
    t.equal(await unpackDeb(deb, out, { place }), 3, `files of data.tar${way[0] ?? ''}`);
    t.same((await readdir(out)).sort(), ['bzImage', 'config', 'modules']);
    t.equal(await readFile(join(out, 'modules/lib/modules/6.1.0-test/kernel/a.ko'), 'utf8'), 'module');
  }
});

t.test('an unknown compression is an ImageError that names it', async (t) => {
  const folder = t.testdir({ 'debian-binary': '2.0\n', 'data.tar.br': 'x' });
  await execa('ar', ['rc', 'x.deb', 'debian-binary', 'data.tar.br'], { cwd: folder });
  await t.rejects(unpackDeb(join(folder, 'x.deb'), folder, { place }), {
    name: 'ImageError',
    message: /data\.tar\.br/,
  });
});

t.test('a package cut short anywhere is refused', async (t) => {
  const folder = t.testdir({});
  const deb = await makeDeb(join(folder, 'make'), kernelFiles, ['.gz', 'gzip']);
  const { length } = await readFile(deb);
  for (const kept of [0, 5, 30, 100, length - 50]) {
    await truncate(deb, kept);
    await t.rejects(unpackDeb(deb, join(folder, `out${kept}`), { place }), ImageError, `${kept} bytes`);
    await makeDeb(join(folder, 'make'), kernelFiles, ['.gz', 'gzip', '-f']);
  }
});

t.test('compressed data that is broken inside is refused', async (t) => {
  for (const way of [
    ['.gz', 'gzip'],
    ['.xz', 'xz'],
    ['.zst', 'zstd', '-q'],
  ]) {
    const folder = t.testdir({});
    const deb = await makeDeb(join(folder, 'make'), kernelFiles, way);
    const bytes = await readFile(deb);
    bytes.fill(0x55, bytes.length - 60, bytes.length - 20);
    await writeFile(deb, bytes);
    await t.rejects(unpackDeb(deb, join(folder, 'out'), { place }), ImageError, String(way[0]));
  }
});

t.test('hostile packages write nothing outside', async (t) => {
  const everything = (path: string) => path;
  const cases: Record<string, Member[]> = {
    'parent path': [{ name: '../../escaped', content: 'x' }],
    'parent path in the middle': [{ name: './boot/../../escaped', content: 'x' }],
    'absolute path': [{ name: '/tmp/kmatrix-escaped', content: 'x' }],
    'absolute link': [{ name: './a', type: 'symlink', linkname: '/etc' }],
    'link to the parent': [{ name: './a', type: 'symlink', linkname: '../..' }],
    'link that climbs behind a name': [{ name: './a/b', type: 'symlink', linkname: '.c/../x' }],
    'file twice': [
      { name: './a', content: 'x' },
      { name: './a', content: 'y' },
    ],
    'folder where a file is': [
      { name: './a', content: 'x' },
      { name: './a/b', content: 'y' },
    ],
    'hard link outside': [{ name: './a', type: 'link', linkname: '../../../etc/passwd' }],
  };
  for (const [name, members] of Object.entries(cases)) {
    const folder = t.testdir({});
    const deb = await makeDeb(join(folder, 'make'), members);
    await t.rejects(
      unpackDeb(deb, join(folder, 'out'), { place: everything, links: true }),
      ImageError,
      name,
    );
    await t.rejects(access(join(folder, 'escaped')), name);
  }
  await t.rejects(access('/tmp/kmatrix-escaped'));
});

t.test('a file below a link is written beside it, not through it', async (t) => {
  const folder = t.testdir({ victim: {} });
  const deb = await makeDeb(join(folder, 'make'), [
    { name: './a', type: 'symlink', linkname: '../victim' },
    { name: './a/b', content: 'x' },
  ]);
  await t.rejects(unpackDeb(deb, join(folder, 'out'), { place: (path) => path, links: true }), ImageError);
  t.same(await readdir(join(folder, 'victim')), []);
});

t.test('links that stay inside are kept where they are asked for, and dropped otherwise', async (t) => {
  const folder = t.testdir({});
  const deb = await makeDeb(join(folder, 'make'), [
    { name: './usr/lib/k/f', content: 'x' },
    { name: './usr/src/h', type: 'symlink', linkname: '../lib/k' },
  ]);
  await unpackDeb(deb, join(folder, 'with'), { place: (path) => path, links: true });
  t.equal(await readFile(join(folder, 'with/usr/src/h/f'), 'utf8'), 'x');
  await unpackDeb(deb, join(folder, 'without'), { place: (path) => path });
  t.same(await readdir(join(folder, 'without/usr')), ['lib']);
});

t.test('a package that unpacks to too much is refused before it is written', async (t) => {
  const folder = t.testdir({});
  const deb = await makeDeb(
    join(folder, 'make'),
    [{ name: './boot/vmlinuz-1', content: 'x'.repeat(5000) }],
    ['.gz', 'gzip'],
  );
  await t.rejects(unpackDeb(deb, join(folder, 'out'), { place, maximumBytes: 4999 }), {
    message: /more than 4999 bytes/,
  });
  t.equal(await unpackDeb(deb, join(folder, 'fits'), { place, maximumBytes: 5000 }), 1);
});

t.test('what is no package at all is said to be none', async (t) => {
  const folder = t.testdir({ 'x.deb': '<html>404</html>', 'empty.deb': '' });
  await t.rejects(unpackDeb(join(folder, 'x.deb'), folder, { place }), { message: /no ar archive/ });
  await t.rejects(unpackDeb(join(folder, 'empty.deb'), folder, { place }), ImageError);
});
