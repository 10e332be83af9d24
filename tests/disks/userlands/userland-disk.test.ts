import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { pack } from 'tar-stream';
import { writeRepository } from '../../../harness/disks/userlands/repository.js';
import { tryRepository } from '../../../harness/disks/userlands/try-repository.js';
import { writeUserlandDisk } from '../../../harness/disks/userlands/write-disk.js';
import { library, loader } from './glibc-2.31.js';

const never = new AbortController().signal;
const common = { epoch: 1_700_000_000, signal: never };

/** A package of one program, one configuration file and one page of a manual. */
async function makePackage(folder: string, name: string, version: string, depends = ''): Promise<string> {
  const root = join(folder, `${name}.root`);
  const files = {
    'DEBIAN/control': `Package: ${name}\nVersion: ${version}\nArchitecture: amd64\nMaintainer: n\nDescription: d\n${depends}`,
    'DEBIAN/conffiles': `/etc/${name}\n`,
    [`usr/bin/${name}`]: '#!/bin/sh\n',
    [`etc/${name}`]: 'setting\n',
    [`usr/share/man/${name}.1`]: 'manual\n',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const deb = join(folder, `${name}.deb`);
  await execa('dpkg-deb', ['--root-owner-group', '--build', root, deb]);
  return deb;
}

async function makeRepository(t: Test): Promise<string> {
  const folder = t.testdir({ out: {}, scratch: {}, cache: {} });
  process.env.KMATRIX_CACHE = join(folder, 'cache');
  const version = '1:1.0-1+b1';
  const out = join(folder, 'out');
  const needs = `Depends: libc6 (>= 2.4), tool (= ${version}), my-tool (= ${version})\n`;
  const packages = [
    { name: 'tool', version, deb: await makePackage(folder, 'tool', version) },
    { name: 'user', version: '2', deb: await makePackage(folder, 'user', '2', needs) },
  ];
  await writeRepository(out, packages, { ...common, leaveOut: ['usr/share/man'] });
  return out;
}

t.test('a repository has each package twice, under two versions, signed by a key of its own', async (t) => {
  const out = await makeRepository(t);
  t.equal(
    await readFile(join(out, 'packages'), 'utf8'),
    'tool 1:1.0-1+b1 1:1.0-1+b1+kmatrix1\nuser 2 2+kmatrix1\n',
  );
  for (const [suite, version] of [
    ['first', '1:1.0-1+b1'],
    ['raised', '1:1.0-1+b1+kmatrix1'],
  ] as const) {
    const dists = join(out, 'repository/dists', suite);
    const signed = await execa('gpgv', ['--keyring', join(out, 'repository.gpg'), join(dists, 'InRelease')]);
    t.match(signed.stderr, /Good signature from "kmatrix userland"/);
    const index = await readFile(join(dists, 'main/binary-amd64/Packages'), 'utf8');
    t.ok(index.includes(`\nVersion: ${version}\n`), index);
    const needs = `Depends: libc6 (>= 2.4), tool (= ${version}), my-tool (= 1:1.0-1+b1)`;
    t.ok(index.includes(needs), 'what needs exactly this version of the other goes with it');
    const path = /^Filename: (.*)$/m.exec(index)?.[1] ?? '';
    const { stdout } = await execa('dpkg-deb', ['--field', join(out, 'repository', path), 'Version']);
    t.equal(stdout, version);
  }
  const other = join(out, '../scratch/InRelease');
  const release = await readFile(join(out, 'repository/dists/first/InRelease'), 'utf8');
  await writeFile(other, release.replace('Suite: first', 'Suite: worst'));
  await t.rejects(execa('gpgv', ['--keyring', join(out, 'repository.gpg'), other]), /BAD signature/);
});

t.test('what is checked once it is installed: its files, but for folders that are left out', async (t) => {
  const sums = await readFile(join(await makeRepository(t), 'sums/tool'), 'utf8');
  t.same(
    sums.split('\n').map((line) => line.slice(66)),
    ['etc/tool', 'usr/bin/tool', ''].toSorted().toSorted((a, b) => Number(a === '') - Number(b === '')),
  );
  const { stdout } = await execa('sha256sum', { input: '#!/bin/sh\n' });
  t.ok(sums.includes(`${stdout.slice(0, 64)}  usr/bin/tool\n`));
});

const status = (...names: string[]): string =>
  names
    .map((name) => `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n`)
    .join('\n');

/** A root file system as mmdebstrap streams it. */
function rootOf(files: Readonly<Record<string, string | Buffer>>): Readable {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) tar.entry({ name: `./${name}`, mode: 0o755 }, text);
  tar.entry({ name: './bin/link', type: 'link', linkname: './bin/sh' });
  tar.finalize();
  return Readable.from(tar as AsyncIterable<unknown>);
}

t.test('a system becomes a squashfs with its repository, and is named by its packages', async (t) => {
  const extra = await makeRepository(t);
  const path = join(extra, '../scratch/userland');
  const root = rootOf({
    'bin/sh': 'shell',
    'etc/ld.so.cache': 'cache',
    'var/lib/dpkg/status': status('b', 'a'),
  });
  const content = await writeUserlandDisk(root, { ...common, path, extra });
  t.same(content.packages, ['a 1 amd64', 'b 1 amd64']);
  t.equal(String(content.status), status('b', 'a'));
  const { stdout: listed } = await execa('unsquashfs', ['-ll', '-d', '', path]);
  for (const file of ['/bin/sh', '/bin/link', '/etc/ld.so.cache', '/kmatrix/packages', '/kmatrix/sums/tool'])
    t.match(listed, new RegExp(`^-.* root/root .* ${file}$`, 'm'), file);
  const { stdout: about } = await execa('unsquashfs', ['-s', path]);
  t.match(about, /Compression gzip/);
});

t.test('one whose floor is lowered has no ld.so.cache, which tells of the tags as they were', async (t) => {
  const extra = t.testdir({ packages: '' });
  const root = rootOf({
    'bin/sh': 'shell',
    'lib/ld.so': loader,
    'lib/libc.so': library,
    'etc/ld.so.cache': 'cache',
    'etc/apt/sources.list.d/0000sources.list': 'deb copy:/tmp/of-this-host first main',
    'var/lib/dpkg/status': status('a'),
  });
  const path = join(extra, 'disk');
  const lowered = { from: '3.2.0', to: '2.6.32' };
  const sources = 'deb http://archive.example first main\n';
  await writeUserlandDisk(root, { ...common, path, extra, lowered, sources });
  const { stdout: listed } = await execa('unsquashfs', ['-ll', '-d', '', path]);
  t.match(listed, /\/lib\/ld\.so$/m);
  t.notMatch(listed, 'ld.so.cache');
  const { stdout } = await execa('unsquashfs', ['-cat', path, 'etc/apt/sources.list.d/0000sources.list']);
  t.equal(`${stdout}\n`, sources, 'and its own sources where it was made with a folder of this host');
});

t.test('a repository that doesn’t fit its system is found when the disk is made', async (t) => {
  const out = join(await makeRepository(t), 'repository');
  const packages = [{ name: 'tool' }, { name: 'user' }];
  const system = (...versions: readonly (readonly [string, string])[]) =>
    Buffer.from(
      versions
        .map(
          ([name, version]) =>
            `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nMaintainer: n\nVersion: ${version}\nDescription: d\n`,
        )
        .join('\n'),
    );
  const whole = [
    ['libc6', '2.36'],
    ['my-tool', '1:1.0-1+b1'],
  ] as const;
  await tryRepository(out, system(...whole), packages, never);
  await t.rejects(tryRepository(out, system(['my-tool', '1:1.0-1+b1']), packages, never), {
    name: 'ImageError',
    message: /don't fit the system \(first\): user : Depends: libc6 \(>= 2\.4\)/,
    where: 'images/userlands/recipe.yml',
  });
  await t.rejects(tryRepository(out, system(['libc6', '2.3'], ['my-tool', '1:1.0-1+b1']), packages, never), {
    message: /Depends: libc6 \(>= 2\.4\)/,
  });
  await t.rejects(tryRepository(out, system(...whole, ['tool', '1:1.0-1+b1']), packages, never), {
    message: /tool is in the system already/,
  });
  await t.rejects(tryRepository(out, system(...whole, ['user', '1']), packages, never), {
    message: /user is in the system already/,
  });
});

t.test(
  'a system without packages, and one without a floor to lower, is refused; nothing hangs',
  async (t) => {
    const extra = t.testdir({ packages: '' });
    const disk = { ...common, path: join(extra, 'disk'), extra };
    await t.rejects(writeUserlandDisk(rootOf({ 'bin/sh': '' }), disk), { message: /dpkg lists none/ });
    const whole = { 'bin/sh': '', 'var/lib/dpkg/status': status('a') };
    const lowered = { from: '3.2.0', to: '2.6.32' };
    await t.rejects(writeUserlandDisk(rootOf(whole), { ...disk, path: join(extra, 'disk2'), lowered }), {
      message: /no loader that asks for 3\.2\.0/,
    });
    const odd = { ...whole, 'lib/ld.so': `\x7fELF${'\0'.repeat(100)}` };
    await t.rejects(writeUserlandDisk(rootOf(odd), { ...disk, path: join(extra, 'disk3'), lowered }), {
      name: 'ImageError',
      where: '/lib/ld.so',
    });
    await t.rejects(writeUserlandDisk(rootOf(whole), { ...disk, path: join(extra, 'absent/disk') }), {
      name: 'ImageError',
      message: /squashfs can't be written/,
    });
  },
);
