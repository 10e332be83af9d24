import { cp, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import t from 'tap';
import { fetchFromArchive } from '../../../harness/kernels/fetch/fetch-from-archive.js';
import { obtainArchive } from '../../../harness/kernels/sources/archive.js';
import { fileKey, hasty, makeSignedBench, rowOf } from './archive-context.js';
import { type DebCompression, kernelFiles } from './archive-fixture.js';

const kernel = (abi: string, version: string, compression: DebCompression = 'xz') => ({
  name: `linux-image-${abi}-amd64`,
  version,
  compression,
  files: kernelFiles(`${abi}-amd64`),
});

t.test('a signed archive', async (t) => {
  const key = await fileKey(t);

  for (const compression of ['gz', 'xz', 'bz2', 'zst', 'lzma'] as const) {
    await t.test(`delivers a kernel from a package with data.tar.${compression}`, async (t) => {
      const recipe = { suite: 'squeeze', packages: [kernel('2.6.32-5', '2.6.32-48', compression)] };
      const { context, source, warnings } = await makeSignedBench(t, key, recipe);
      const entry = await obtainArchive(rowOf(source), source, context, hasty);
      t.equal(entry.release, '2.6.32-5-amd64');
      t.match(entry.provenance, /^linux-image-2\.6\.32-5-amd64 2\.6\.32-48 from squeeze \(archive\)$/);
      t.match(await readFile(entry.config ?? ''), /CONFIG_X86_64/);
      t.same(warnings(), []);
    });
  }

  for (const index of ['.xz', '.gz', '.bz2', '.lzma', ''] as const) {
    await t.test(`is read by its Packages${index} where it has no other`, async (t) => {
      const recipe = { suite: 'squeeze', packages: [kernel('2.6.32-5', '2.6.32-48')], indices: [index] };
      const { context, source, server } = await makeSignedBench(t, key, recipe);
      const { debs } = await fetchFromArchive(source, context);
      t.equal(debs.length, 1);
      t.ok(server.requests.some(({ path }) => path.endsWith(`/Packages${index}`)));
    });
  }

  await t.test(
    'delivers the newest version, as dpkg orders them, and of equals the plain flavour',
    async (t) => {
      const packages = [
        kernel('3.2.0-4', '3.2.9-1'),
        kernel('3.2.0-4-rt', '3.2.102-1'),
        kernel('3.2.0-4-x', '3.2.102-1'),
        kernel('3.2.0-6', '3.2.102-1'),
        kernel('3.2.0-5', '3.2.102-1~rc2'),
      ];
      const { context, source } = await makeSignedBench(t, key, { suite: 'wheezy', packages });
      const { provenance } = await fetchFromArchive(source, context);
      t.match(provenance, /^linux-image-3\.2\.0-6-amd64 3\.2\.102-1 /);
    },
  );

  await t.test('delivers companions of the same version, merged into the kernel', async (t) => {
    const release = '3.5.0-17-generic';
    const image = { name: `linux-image-${release}`, version: '3.5.0-17.28', files: kernelFiles(release) };
    const module = { [`lib/modules/${release}/kernel/fs/aufs/aufs.ko`]: '\x7fELF' };
    const extra = { name: `linux-image-extra-${release}`, version: '3.5.0-17.28', files: module };
    const newer = { name: 'linux-image-extra-3.5.0-18-generic', version: '3.5.0-18.29', files: module };
    const recipe = { suite: 'quantal', packages: [image, extra, newer] };
    const { context, source } = await makeSignedBench(t, key, recipe);
    const wanted = {
      ...source,
      package: 'linux-image-3*-generic',
      companions: ['linux-image-extra-*-generic'],
    };
    const { debs, provenance } = await fetchFromArchive(wanted, context);
    t.equal(debs.length, 2);
    t.match(
      provenance,
      /^linux-image-3\.5\.0-17-generic \+ linux-image-extra-3\.5\.0-17-generic 3\.5\.0-17\.28 /,
    );
    const absent = { ...wanted, companions: ['linux-image-extra-3.5.0-18-generic'] };
    await t.rejects(fetchFromArchive(absent, context), {
      name: 'ImageError',
      message: /no package linux-image-extra-3\.5\.0-18-generic of version 3\.5\.0-17\.28/,
      remedy: 'there are 3.5.0-18.29',
    });
  });

  await t.test('is read at a snapshot: the timestamp is a folder below the base URL', async (t) => {
    const recipe = { suite: 'sid', packages: [kernel('2.6.38-2', '2.6.38-4')] };
    const { folder, context, source, server } = await makeSignedBench(t, key, recipe);
    server.trick = (_request, response, path) => {
      if (path.startsWith('/20110427T035506Z/')) return false;
      // between two snapshots the archive sends to the one before
      const to = path.replace('/20110427T040000Z/', '/20110427T035506Z/');
      if (to !== path) response.writeHead(302, { location: to }).end();
      else response.writeHead(404).end();
      return true;
    };
    for (const part of ['dists', 'pool']) {
      await cp(join(folder, part), join(folder, '20110427T035506Z', part), { recursive: true });
    }
    const { provenance } = await fetchFromArchive({ ...source, timestamp: '20110427T040000Z' }, context);
    t.match(provenance, /from sid at 20110427T040000Z/);
  });

  await t.test('of old is signed apart and hashed weakly: taken, and said aloud', async (t) => {
    const recipe = {
      suite: 'squeeze',
      packages: [kernel('2.6.32-5', '2.6.32-48')],
      digests: ['md5'] as const,
    };
    const { context, source, warnings, server } = await makeSignedBench(t, key, recipe, 'detached');
    const { provenance } = await fetchFromArchive(source, context);
    t.match(warnings(), [
      /^Packages\.xz of squeeze main is verified by MD5 only/,
      /^linux-image.* by MD5 only/,
    ]);
    t.match(provenance, /by MD5 only/, 'and the result says it too');
    const asked = server.requests.map(({ path }) => basename(path)).slice(0, 3);
    t.same(asked, ['InRelease', 'Release', 'Release.gpg']);
  });

  await t.test('is not asked twice for what has a hash', async (t) => {
    const recipe = { suite: 'squeeze', packages: [kernel('2.6.32-5', '2.6.32-48')] };
    const { context, source, server } = await makeSignedBench(t, key, recipe);
    await fetchFromArchive(source, context);
    server.requests.length = 0;
    await fetchFromArchive(source, context);
    t.same(
      server.requests.map(({ path }) => basename(path)),
      ['InRelease'],
    );
    t.match(server.requests[0]?.agent, /^kmatrix\/\d/);
  });

  await t.test('serves an offline run out of the cache, in-line or signed apart', async (t) => {
    for (const how of ['inline', 'detached'] as const) {
      await t.test(how, async (t) => {
        const recipe = { suite: 'squeeze', packages: [kernel('2.6.32-5', '2.6.32-48')] };
        const { context, source, server } = await makeSignedBench(t, key, recipe, how);
        await t.rejects(fetchFromArchive(source, { ...context, offline: true }), {
          name: 'ImageError',
          message: /not in the cache/,
          where: `${server.url}/dists/squeeze/Release`,
        });
        await fetchFromArchive(source, context);
        server.requests.length = 0;
        const { debs } = await fetchFromArchive(source, { ...context, offline: true });
        t.equal(debs.length, 1);
        t.same(server.requests, []);
      });
    }
  });

  await t.test('answers many rows over one connection at a time', async (t) => {
    const packages = ['3.2.0-1', '3.2.0-2', '3.2.0-3'].map((abi) => kernel(abi, '3.2.1-1'));
    const { context, source, server } = await makeSignedBench(t, key, { suite: 'wheezy', packages });
    const rows = packages.map(({ name }) => fetchFromArchive({ ...source, package: name }, context));
    await Promise.all(rows);
    t.equal(server.mostAtOnce(), 1);
  });
});
