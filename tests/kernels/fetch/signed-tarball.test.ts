import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { importedName } from '../../../harness/kernels/binding.js';
import { buildTree } from '../../../harness/kernels/build/build-tree.js';
import { fetchTarball } from '../../../harness/kernels/build/fetch-tarball.js';
import { sumsOfKernelOrg } from '../../../harness/kernels/fetch/signed-sums.js';
import { findKernel } from '../../../harness/kernels/kernel-entries.js';
import { toyTree, writeFiles } from '../build/tree-fixture.js';
import { makeBench } from './archive-context.js';
import { makeKey, type SigningKey } from './archive-fixture.js';

t.setTimeout(300_000);
const keys = [await makeKey(), await makeKey(), await makeKey({ expired: true })] as const;
t.teardown(async () => Promise.all(keys.map(({ dispose }) => dispose())));
const name = 'linux-6.1.7.tar.xz';

const gpg = (key: SigningKey, ...words: string[]) =>
  execa(
    'gpg',
    [
      ...(key === keys[2] ? ['--faked-system-time', '20100102T000000'] : []),
      '--batch',
      '--yes',
      '--quiet',
      '--pinentry-mode',
      'loopback',
      '--passphrase',
      '',
      ...words,
    ],
    {
      env: { GNUPGHOME: key.home, LC_ALL: 'C' },
    },
  );

const fingerprintOf = async (key: SigningKey): Promise<string> =>
  /^fpr:+([0-9A-F]{40}):/m.exec((await gpg(key, '--list-keys', '--with-colons')).stdout)?.[1] ?? '';

/** A tarball of a toy kernel, a list of sums signed by a key, and that key, as kernel.org has them. */
async function serveSigned(t: Test, signer: SigningKey = keys[0], owner: SigningKey = keys[0]) {
  const bench = await makeBench(t);
  const { folder, server } = bench;
  const tree = await writeFiles(join(folder, '../tree/linux-6.1.7'), await toyTree());
  await execa('tar', ['-C', join(tree, '..'), '-cJf', join(folder, name), 'linux-6.1.7']);
  const sha256 = createHash('sha256')
    .update(await readFile(join(folder, name)))
    .digest('hex');
  const sign = async (lines: string, ...how: string[]) => {
    await writeFile(join(folder, 'sums'), lines);
    await gpg(
      signer,
      ...how,
      '--output',
      join(folder, 'sha256sums.asc'),
      '--clearsign',
      join(folder, 'sums'),
    );
  };
  await sign(`${'0'.repeat(64)}  linux-6.1.70.tar.xz\n${sha256}  ${name}\n${'1'.repeat(64)}  x${name}\n`);
  await copyFile(owner.keyring, join(folder, 'key'));
  const url = `${server.url}/${name}`;
  const keyring = 'test.gpg';
  const sums = {
    ...{ url: `${server.url}/sha256sums.asc`, signer: await fingerprintOf(owner) },
    ...{ keyUrl: `${server.url}/key`, keyring },
  };
  const pins = { known: join(folder, '../known.lock'), own: join(folder, '../own.lock') };
  const fetch = (sha: string | null = null) =>
    fetchTarball({ url, sha256: sha, sums }, name, bench.context, pins);
  return { ...bench, url, sha256, sums, pins, sign, fetch };
}

t.test('a tarball whose hash a signed list has is trusted by it, and nobody is asked again', async (t) => {
  const { fetch, sha256, warnings, server, pins } = await serveSigned(t);
  t.match(await fetch(), { sha256, isSigned: true });
  t.same(warnings(), []);
  t.match(await readFile(pins.own, 'utf8'), sha256, 'it is pinned as well');
  server.requests.length = 0;
  t.match(await fetch(), { sha256, isSigned: true });
  t.same(server.requests, []);
});

t.test('a list with a weak signature is taken, and said aloud', async (t) => {
  const { fetch, sha256, warnings, sign } = await serveSigned(t);
  await sign(`${sha256}  ${name}\n`, '--digest-algo', 'SHA1');
  t.match(await fetch(), { sha256, isSigned: true });
  t.match(warnings(), [/SHA-1, weak today/]);
});

t.test('a list that was changed, or that another key signed, is refused', async (t) => {
  const changed = await serveSigned(t);
  const list = join(changed.folder, 'sha256sums.asc');
  await writeFile(list, (await readFile(list, 'utf8')).replace(/^0/m, '1'));
  await t.rejects(changed.fetch(), {
    name: 'ImageError',
    message: /the signature is bad .* was changed after/,
  });
  const other = await serveSigned(t, keys[1]);
  await t.rejects(other.fetch(), { name: 'KeyError', message: /signed with .*in none of the/ });
  await gpg(keys[1], '--import', keys[0].keyring);
  await gpg(keys[1], '--output', join(other.folder, 'key'), '--export');
  await t.rejects(
    other.fetch(),
    { name: 'KeyError', message: /signed by [0-9A-F]{40}, not by/ },
    'a ring with more',
  );
});

for (const [what, signer, owner, why] of [
  ['a key that has expired', keys[2], keys[2], /the signing key [0-9A-F]+ has expired/],
  ['another key', keys[1], keys[0], /signed with [0-9A-F]+, which is in none of the key rings/],
  ['another key of the ring', keys[1], keys[0], /signed by [0-9A-F]{40}, not by [0-9A-F]{40}/],
] as const)
  t.test(`${what} stops nobody who has the hash: not checked, and said`, async (t) => {
    const { fetch, sha256, warnings, pins, url, folder } = await serveSigned(t, signer, owner);
    if (/ring/.test(what)) {
      await gpg(keys[1], '--import', keys[0].keyring);
      await gpg(keys[1], '--output', join(folder, 'key'), '--export');
    }
    await t.rejects(fetch(), {
      ...{ name: 'KeyError', message: why, where: /sha256sums\.asc$/ },
      remedy: /^look up the signer's current key, gpg --export it to \/.*\/keyrings\/test\.gpg/,
    });
    t.same(warnings(), []);
    await writeFile(pins.known, `"${url}": ${sha256}\n`);
    t.match(await fetch(), { sha256, isSigned: false });
    const [said = '', ...others] = warnings();
    t.same(others, []);
    t.match(said, why);
    t.match(
      said,
      /^\S+ is not checked against a signature: .*; its pinned SHA-256 decides\. To check it again, look/,
    );
    t.notMatch(said, /acceptExpired|debian/);
    await writeFile(pins.known, `"${url}": ${'b'.repeat(64)}\n`);
    await t.rejects(fetch(), /wrong sha256/, 'the pin does decide');
  });

t.test('an old key ring of one’s own is named with what can be done about it', async (t) => {
  const { fetch } = await serveSigned(t, keys[2], keys[2]);
  const ring = join(process.env.KMATRIX_CACHE ?? '', 'keyrings/test.gpg');
  await mkdir(join(ring, '..'));
  await copyFile(keys[2].keyring, ring);
  await t.rejects(fetch(), {
    message: /has expired/,
    remedy: new RegExp(
      `^replace ${ring} with the current key of [0-9A-F]{40}, or remove it: the key is then fetched from http`,
    ),
  });
});

t.test('a list and a pin that contradict each other are an error, whoever pinned', async (t) => {
  const { fetch, url, pins, sha256 } = await serveSigned(t);
  const wrong = 'a'.repeat(64);
  const refusal = {
    name: 'ImageError',
    message: `the signed list has another sha256 for ${name}: ${sha256}, not ${wrong}`,
  };
  await t.rejects(fetch(wrong), refusal, 'the row');
  for (const file of [pins.known, pins.own]) {
    await writeFile(file, `"${url}": ${wrong}\n`);
    await t.rejects(fetch(), refusal, file);
    await rm(file);
  }
});

t.test('other bytes than the list says are refused', async (t) => {
  const { fetch, folder } = await serveSigned(t);
  await writeFile(join(folder, name), 'other');
  await t.rejects(fetch(), { name: 'ImageError', message: /wrong sha256/ });
});

t.test('without list or key the first download is trusted and pinned, and says why', async (t) => {
  for (const [gone, why] of [
    ['sha256sums.asc', /is not checked against a signature: the list of sums of \S+ is not there/],
    ['key', /is not checked against a signature: the key \S+ is not there/],
  ] as const) {
    const { fetch, folder, sha256, warnings, pins } = await serveSigned(t);
    await rm(join(folder, gone));
    t.match(await fetch(), { sha256, isSigned: false });
    t.match(warnings(), [/trusted on first use/, why]);
    t.match(await readFile(pins.own, 'utf8'), sha256);
  }
  const { fetch, sign, warnings } = await serveSigned(t);
  await sign(`${'0'.repeat(64)}  other.tar.xz\n`);
  t.match(await fetch(), { isSigned: false });
  t.match(warnings(), [/trusted on first use/, /doesn't name it/]);
});

t.test('a key ring of one’s own comes before the network', async (t) => {
  const { fetch, folder, server } = await serveSigned(t);
  await rm(join(folder, 'key'));
  const rings = join(process.env.KMATRIX_CACHE ?? '', 'keyrings');
  await mkdir(rings);
  await copyFile(keys[0].keyring, join(rings, 'test.gpg'));
  t.match(await fetch(), { isSigned: true });
  t.notOk(server.requests.some(({ path }) => path === '/key'));
});

t.test(
  'the project’s hashes are read and never written; what is new goes into the user’s file',
  async (t) => {
    const { fetch, folder, url, sha256, pins, warnings } = await serveSigned(t);
    await rm(join(folder, 'sha256sums.asc'));
    const known = `"${url}": ${sha256}\n`;
    await writeFile(pins.known, known);
    t.match(await fetch(), { sha256, isSigned: false });
    t.notOk(warnings().some((warning) => /first use/.test(warning)));
    t.equal(await readFile(pins.known, 'utf8'), known);
    await t.rejects(readFile(pins.own), { code: 'ENOENT' });
    await writeFile(pins.known, `"${url}": ${'b'.repeat(64)}\n`);
    await writeFile(pins.own, known);
    await t.rejects(fetch(), /wrong sha256/, 'the project’s word counts');
  },
);

t.test('a kernel keeps that its tree was signed', async (t) => {
  const { url, sums, context } = await serveSigned(t);
  const source = { kind: 'tree', tarball: { url, sha256: null, sums }, config: {}, patches: [] } as const;
  const row = { rowId: 'vanilla-6.1', line: '6.1', flavour: 'vanilla', jobs: 1 };
  const { core } = await buildTree({ ...row, source, onEvent: context.onEvent, signal: context.signal });
  t.match(core, { version: '6.1.7', signed: true });
  t.match((await findKernel(importedName('vanilla-6.1')))?.core, { signed: true });
});

t.test('kernel.org’s list stands beside the tarball', async (t) => {
  t.match(sumsOfKernelOrg('https://cdn.kernel.org/pub/linux/kernel/v3.x/linux-3.7.2.tar.xz'), {
    url: 'https://cdn.kernel.org/pub/linux/kernel/v3.x/sha256sums.asc',
    signer: 'B8868C80BA62A1FFFAF5FDA9632D3A06589DA6B1',
  });
  t.equal(sumsOfKernelOrg('https://cdn.kernel.org.example.com/pub/linux-3.7.2.tar.xz'), undefined);
});
