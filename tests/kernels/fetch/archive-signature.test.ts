import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { fetchRelease } from '../../../harness/kernels/fetch/fetch-release.js';
import { copyBench, fileKey, prepareArchive, sourceOf } from './archive-context.js';

t.test('the signature of a Release file', async (t) => {
  const prepared = await prepareArchive(t);
  const [key, stranger, old] = [await fileKey(t), await fileKey(t), await fileKey(t, { expired: true })];
  const inRelease = (folder: string) => join(folder, 'dists/squeeze/InRelease');

  await t.test('good: the files it lists are believed', async (t) => {
    const { folder, server, context, warnings } = await copyBench(t, prepared);
    await key.sign(folder, 'squeeze', 'inline');
    const release = await fetchRelease(sourceOf(server.url, 'squeeze', key), context);
    t.match(release.files.get('main/binary-amd64/Packages.gz')?.digests.sha256, /^[0-9a-f]{64}$/);
    t.same(warnings(), []);
  });

  await t.test('over text that was changed since: refused', async (t) => {
    const { folder, server, context } = await copyBench(t, prepared);
    await key.sign(folder, 'squeeze', 'inline');
    const text = await readFile(inRelease(folder), 'utf8');
    await writeFile(inRelease(folder), text.replace('Origin: Test', 'Origin: Tesu'));
    await t.rejects(fetchRelease(sourceOf(server.url, 'squeeze', key), context), {
      name: 'ImageError',
      message: /signature is bad/,
      where: `${server.url}/dists/squeeze/InRelease`,
      remedy: /another server/,
    });
  });

  await t.test('apart from a text that was changed since: refused', async (t) => {
    const { folder, server, context } = await copyBench(t, prepared);
    await key.sign(folder, 'squeeze', 'detached');
    await writeFile(join(folder, 'dists/squeeze/Release'), 'Suite: squeeze\nMD5Sum:\n');
    await t.rejects(fetchRelease(sourceOf(server.url, 'squeeze', key), context), {
      message: /signature is bad/,
    });
  });

  await t.test('text around an in-line one is not believed', async (t) => {
    const { folder, server, context } = await copyBench(t, prepared);
    await key.sign(folder, 'squeeze', 'inline');
    const text = await readFile(inRelease(folder), 'utf8');
    const forged = `SHA256:\n ${'0'.repeat(64)} 1 main/binary-amd64/Packages.evil\n\n`;
    await writeFile(inRelease(folder), `${forged}${text}${forged}`);
    const verdict = await fetchRelease(sourceOf(server.url, 'squeeze', key), context).then(
      ({ files }) => files.has('main/binary-amd64/Packages.evil'),
      (error: Error) => error.name,
    );
    t.ok(verdict === false || verdict === 'ImageError', `read as ${verdict}`);
  });

  await t.test('of a key in none of the rings: refused, with the key', async (t) => {
    const { folder, server, context } = await copyBench(t, prepared);
    await stranger.sign(folder, 'squeeze', 'inline');
    await t.rejects(fetchRelease(sourceOf(server.url, 'squeeze', key), context), {
      name: 'KeyError',
      message: /signed with [0-9A-F]{16}, which is in none of the row's key rings/,
      remedy: /debian-archive-removed-keys/,
    });
  });

  await t.test('none at all: refused', async (t) => {
    const { folder, server, context } = await copyBench(t, prepared);
    await writeFile(inRelease(folder), await readFile(join(folder, 'dists/squeeze/Release')));
    await t.rejects(fetchRelease(sourceOf(server.url, 'squeeze', key), context), { name: 'ImageError' });
  });

  await t.test(
    'of a key that has expired: refused, unless the row accepts it, and then said aloud',
    async (t) => {
      const { folder, server, context, warnings } = await copyBench(t, prepared);
      await old.sign(folder, 'squeeze', 'inline');
      const source = sourceOf(server.url, 'squeeze', old);
      await t.rejects(fetchRelease(source, context), {
        name: 'KeyError',
        message: /key [0-9A-F]{16} has expired/,
        remedy: /acceptExpired: true/,
      });
      t.same(warnings(), []);
      t.ok((await fetchRelease({ ...source, acceptExpired: true }, context)).files.size > 0);
      t.match(warnings(), [/accepted as the row says: the signing key [0-9A-F]{16} has expired/]);
    },
  );

  await t.test('made with SHA-1: taken, and said aloud', async (t) => {
    const { folder, server, context, warnings } = await copyBench(t, prepared);
    await key.sign(folder, 'squeeze', 'inline', '--digest-algo', 'SHA1');
    t.ok((await fetchRelease(sourceOf(server.url, 'squeeze', key), context)).files.size > 0);
    t.match(warnings(), [/SHA-1, weak/]);
  });

  await t.test('is one error where the row names no such key ring', async (t) => {
    const { folder, server, context } = await copyBench(t, prepared);
    await key.sign(folder, 'squeeze', 'inline');
    const source = { ...sourceOf(server.url, 'squeeze', key), keyrings: ['no-such-keyring.gpg'] };
    await t.rejects(fetchRelease(source, context), {
      name: 'ImageError',
      message: /no key ring no-such-keyring.gpg/,
      where: '/usr/share/keyrings/no-such-keyring.gpg',
    });
  });
});

t.test('the words of a Release file', async (t) => {
  const key = await fileKey(t);
  const until = (year: number) => ({ 'Valid-Until': `Sat, 01 Jan ${year} 00:00:00 UTC` });

  await t.test('past its Valid-Until: refused, unless the row accepts it, and then said aloud', async (t) => {
    const { folder, server, context, warnings } = await copyBench(
      t,
      await prepareArchive(t, { release: until(2011) }),
    );
    await key.sign(folder, 'squeeze', 'inline');
    const source = sourceOf(server.url, 'squeeze', key);
    await t.rejects(fetchRelease(source, context), {
      name: 'ImageError',
      message: /was valid only until 2011-01-01/,
    });
    await fetchRelease({ ...source, acceptExpired: true }, context);
    t.match(warnings(), [/was valid only until 2011-01-01/]);
  });

  await t.test('before its Valid-Until: nothing to say', async (t) => {
    const { folder, server, context, warnings } = await copyBench(
      t,
      await prepareArchive(t, { release: until(2999) }),
    );
    await key.sign(folder, 'squeeze', 'inline');
    await fetchRelease(sourceOf(server.url, 'squeeze', key), context);
    t.same(warnings(), []);
  });

  await t.test("of another suite in this one's place: refused", async (t) => {
    const release = { Suite: 'oldstable', Codename: 'lenny' };
    const { folder, server, context } = await copyBench(t, await prepareArchive(t, { release }));
    await key.sign(folder, 'squeeze', 'inline');
    await t.rejects(fetchRelease(sourceOf(server.url, 'squeeze', key), context), {
      message: /Release file of oldstable, lenny, not of squeeze/,
    });
  });
});
