import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { listKernels } from '../../../harness/kernels/kernel-entries.js';
import { obtainArchive } from '../../../harness/kernels/sources/archive.js';
import {
  copyBench,
  debPath,
  fileKey,
  hasty,
  makeSignedBench,
  prepareArchive,
  rowOf,
  sourceOf,
} from './archive-context.js';
import { type ArchiveRecipe, type DebRecipe, kernelFiles } from './archive-fixture.js';

t.test('an archive that lies or is broken', async (t) => {
  const key = await fileKey(t);
  const release = '2.6.32-5-amd64';
  const good = { name: `linux-image-${release}`, version: '2.6.32-48', files: kernelFiles(release) };

  /** Every one ends in one ImageError with these words, a place and a remedy, and leaves no kernel in the cache. */
  async function refuses(t: Test, bench: Awaited<ReturnType<typeof makeSignedBench>>, message: RegExp) {
    const { source, context } = bench;
    await t.rejects(obtainArchive(rowOf(source), source, context, hasty), {
      name: 'ImageError',
      message,
      where: /^http:/,
      remedy: /./,
    });
    t.same(await listKernels(), []);
  }
  const signed = (t: Test, over: Partial<ArchiveRecipe>) =>
    makeSignedBench(t, key, { suite: 'squeeze', packages: [good], ...over });
  const withPackage = (t: Test, one: Partial<DebRecipe>) => signed(t, { packages: [{ ...good, ...one }] });

  await t.test('by a package that was exchanged', async (t) => {
    const bench = await copyBench(t, await prepareArchive(t));
    await key.sign(bench.folder, 'squeeze', 'inline');
    const source = sourceOf(bench.server.url, 'squeeze', key);
    const deb = await readFile(join(bench.folder, debPath));
    deb.writeUInt8(deb.readUInt8(deb.length - 9) ^ 1, deb.length - 9);
    await writeFile(join(bench.folder, debPath), deb);
    await refuses(t, { ...bench, source }, /wrong sha256/);
  });

  await t.test('by an index that was exchanged', async (t) => {
    const bench = await signed(t, {});
    bench.server.trick = (_request, response, path) => {
      if (!path.endsWith('Packages.xz')) return false;
      response.end('Package: linux-image-evil-amd64\n');
      return true;
    };
    await refuses(t, bench, /another size on the server|wrong sha256/);
  });

  for (const path of [
    '../../../../etc/passwd',
    '/etc/passwd',
    'pool/../../x.deb',
    'pool/%2e%2e/x',
    'http://x/y.deb',
  ]) {
    await t.test(`by a package that claims to lie at ${path}`, async (t) => {
      const edit = (text: string) => text.replace(/^Filename: .*$/m, `Filename: ${path}`);
      await refuses(t, await signed(t, { edit }), /path outside the archive/);
    });
  }

  await t.test('by a size beyond all reason', async (t) => {
    const edit = (text: string) => text.replace(/^Size: .*$/m, 'Size: 999999999999');
    await refuses(t, await signed(t, { edit }), /is listed with \d+ bytes, more than the \d+ allowed/);
  });

  await t.test('by a package without a digest', async (t) => {
    const edit = (text: string) => text.replace(/^(SHA256|SHA1|MD5sum): .*\n/gm, '');
    await refuses(t, await signed(t, { edit }), /no digest at all/);
  });

  await t.test('by an index that unpacks to more than the Release file says', async (t) => {
    const edit = (text: string) => `${text}\n${'Package: filler\n\n'.repeat(20_000)}`;
    await refuses(t, await signed(t, { edit, packagesBytes: 1000 }), /unpacks to more than 1000 bytes/);
  });

  await t.test('by an index with a paragraph without end', async (t) => {
    const edit = (text: string) => `${text}Description: ${'x'.repeat(2_000_000)}\n`;
    await refuses(t, await signed(t, { edit }), /paragraph of the index has no end/);
  });

  await t.test('by an index that is no compressed file at all', async (t) => {
    const { folder, ...bench } = await signed(t, { indices: ['.gz'] });
    // signed as it is, so only the decompressor can notice
    const broken = 'not gzip';
    await writeFile(join(folder, 'dists/squeeze/main/binary-amd64/Packages.gz'), broken);
    const hash = createHash('sha256').update(broken).digest('hex');
    const release = join(folder, 'dists/squeeze/Release');
    const text = (await readFile(release, 'utf8')).replace(/^ .* main\/binary-amd64\/Packages.gz\n/gm, '');
    await writeFile(release, text.replace(/^(MD5Sum|SHA1):\n(?: .*\n)*/gm, ''));
    await appendFile(release, ` ${hash} ${broken.length} main/binary-amd64/Packages.gz\n`);
    await key.sign(folder, 'squeeze', 'inline');
    await refuses(t, { folder, ...bench }, /broken compressed data/);
  });

  await t.test('by a component it has not', async (t) => {
    const bench = await signed(t, {});
    const source = { ...bench.source, component: 'universe' };
    await refuses(t, { ...bench, source }, /no component universe/);
  });

  await t.test('by a package it has not', async (t) => {
    const bench = await signed(t, {});
    await refuses(
      t,
      { ...bench, source: { ...bench.source, package: 'linux-image-9*' } },
      /no package for amd64/,
    );
  });

  await t.test('by a package without a kernel', async (t) => {
    await refuses(
      t,
      await withPackage(t, { files: { 'usr/share/doc/x': 'y' } }),
      /no kernel in what was downloaded/,
    );
  });

  await t.test('by a package whose kernel is none', async (t) => {
    await refuses(t, await withPackage(t, { files: { 'boot/vmlinuz-x': 'MZ' } }), /not an x86 kernel/);
  });

  await t.test('by modules of another kernel', async (t) => {
    const files = { ...kernelFiles(release), 'lib/modules/3.0.0/kernel/a.ko': 'x' };
    await refuses(
      t,
      await withPackage(t, { files }),
      /the modules are of 3\.0\.0, the kernel is 2\.6\.32-5-amd64/,
    );
  });

  const entries = (...list: Parameters<typeof tarOf>[0]) => tarOf(list);

  await t.test('by a package that writes outside', async (t) => {
    const tar = await entries({ name: '../../../boot/vmlinuz-x', body: 'x' });
    await refuses(t, await withPackage(t, { tar }), /leads outside/);
  });

  await t.test('by a package that writes through a link of its own', async (t) => {
    const tar = await entries(
      { name: './lib/modules/2.6.32-5-amd64/kernel', link: '/tmp' },
      { name: './lib/modules/2.6.32-5-amd64/kernel/kmatrix-escaped.ko', body: 'x' },
    );
    await refuses(t, await withPackage(t, { tar }), /hostile|broken|no kernel/);
    t.notOk(existsSync('/tmp/kmatrix-escaped.ko'));
  });

  await t.test('by a member that claims to be huge', async (t) => {
    const tar = await entries({ name: './boot/vmlinuz-x', size: 2 ** 33 - 1 });
    await refuses(t, await withPackage(t, { tar }), /unpacks to more than|broken/);
  });
});

interface TarEntry {
  readonly name: string;
  readonly body?: string;
  readonly link?: string;
  /** A size in the header that the body has not. */
  readonly size?: number;
}

/** What tar(1) wouldn't write: ustar headers by hand (POSIX pax, "ustar Interchange Format"). */
async function tarOf(list: readonly TarEntry[]): Promise<Buffer> {
  const blocks = list.flatMap(({ name, body = '', link, size = body.length }) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(`0000644\0${'0000000\0'.repeat(2)}`, 100);
    header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0        ', 136);
    header.write(link === undefined ? '0' : '2', 156);
    header.write(link ?? '', 157);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const padded = Buffer.alloc(Math.ceil(body.length / 512) * 512);
    padded.write(body);
    return [header, padded];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
