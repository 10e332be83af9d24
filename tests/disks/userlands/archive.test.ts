import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type OpenSuite, withOpenSuite } from '../../../harness/disks/userlands/open-suite.js';
import type { UserlandRecipe } from '../../../harness/disks/userlands/recipe.js';
import { describePackages } from '../../../harness/kernels/fetch/apt/packages.js';
import type { ArchiveSuite } from '../../../harness/matrix/types.js';
import { copyBench, fileKey, hasty, prepareArchive } from '../../kernels/fetch/archive-context.js';
import { type ArchiveRecipe, makeArchive, type SigningKey } from '../../kernels/fetch/archive-fixture.js';
import { makeLocalApt } from '../../kernels/fetch/local-apt.js';

t.setTimeout(900_000);

const recipe: UserlandRecipe = { version: 1, leaveOut: [], tools: ['mkfs'], repository: ['hello'] };
const names = ['apt', 'base', 'hello', 'mkfs', 'other'];
/** An archive with the smallest of systems: one package is essential. */
const contents: Omit<ArchiveRecipe, 'suite'> = {
  packages: names.map((name) => ({ name, version: '1.0-1', files: { [`usr/bin/${name}`]: name } })),
  edit: (index) => index.replace('Package: base\n', 'Package: base\nEssential: yes\n'),
};
const debOf = (name: string): string => `pool/main/l/linux/${name}_1.0-1_amd64.deb`;

const archiveAt = (baseUrl: string, key: SigningKey, over: Partial<ArchiveSuite> = {}): ArchiveSuite => ({
  ...{ baseUrl, suite: 'squeeze', component: 'main', keyrings: [key.keyring], acceptExpired: false },
  ...over,
});

/** What a userland would be made of, while it can be had. */
async function lookInto({ root, from, marks, sources }: OpenSuite) {
  const list = await readFile(join(root.folder, 'etc/sources.list'), 'utf8');
  const mirror = / copy:(\S+) /.exec(list)?.[1];
  const pool = mirror === undefined ? [] : await readdir(join(mirror, 'pool/main/l/linux'));
  const packages = (await describePackages(root, names)).map(({ name }) => name).toSorted();
  return { from, marks, sources, packages, pool: pool.toSorted() };
}

async function bench(t: Test, prepared: string, key: SigningKey, how: 'inline' | 'detached' = 'inline') {
  const made = await copyBench(t, prepared);
  await key.sign(made.folder, 'squeeze', how);
  const { server, context } = made;
  const open = (over: Partial<ArchiveSuite> = {}) =>
    withOpenSuite(
      'old',
      { archive: archiveAt(server.url, key, over) },
      recipe,
      { ...context, patience: hasty },
      lookInto,
    );
  return { ...made, open };
}

t.test('a userland of an archive', async (t) => {
  const prepared = await prepareArchive(t, contents);
  const [key, stranger, old] = [await fileKey(t), await fileKey(t), await fileKey(t, { expired: true })];

  await t.test('has its system, tools and repository from there, and nothing else is fetched', async (t) => {
    const { open, server } = await bench(t, prepared, key);
    t.same(await open(), {
      from: 'archive',
      marks: [],
      sources: `deb ${server.url} squeeze main\n`,
      packages: names,
      pool: ['apt', 'base', 'hello', 'mkfs'].map((name) => `${name}_1.0-1_amd64.deb`),
    });
    server.requests.length = 0;
    await open();
    t.notOk(
      server.requests.some(({ path }) => path.startsWith('/pool')),
      'what was fetched is kept',
    );
  });

  await t.test('is refused where the signature is bad, or of another key', async (t) => {
    const { open, folder } = await bench(t, prepared, key);
    const path = join(folder, 'dists/squeeze/InRelease');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('Origin: Test', 'Origin: Tesu'));
    await t.rejects(open(), { name: 'ImageError', message: /signature is bad/ });
    await t.rejects((await bench(t, prepared, stranger)).open({ keyrings: [key.keyring] }), {
      name: 'KeyError',
      message: /which is in none of the row's key rings/,
    });
  });

  await t.test('is used with a key that has expired where the row says so, and marked', async (t) => {
    const { open } = await bench(t, prepared, old, 'detached');
    await t.rejects(open(), { message: /signing key \w+ has expired/ });
    const { marks } = await open({ acceptExpired: true });
    t.match(marks, [/^accepted as the row says: the signing key \w+ has expired$/]);
  });

  await t.test('a package that vanished, or is another than the index says, is named', async (t) => {
    const { open, folder, server } = await bench(t, prepared, key);
    server.trick = (_, response, path) => {
      if (!path.endsWith('/hello_1.0-1_amd64.deb')) return false;
      response.writeHead(404).end();
      return true;
    };
    await t.rejects(open(), {
      name: 'ImageError',
      message: /^hello_1\.0-1_amd64\.deb is not there/,
      where: `${server.url}/${debOf('hello')}`,
    });
    server.trick = () => false;
    const deb = await readFile(join(folder, debOf('hello')));
    deb[200] = (deb[200] ?? 0) ^ 1;
    await writeFile(join(folder, debOf('hello')), deb);
    await t.rejects(open(), { name: 'ImageError', message: /hello_1\.0-1_amd64\.deb has the wrong sha256/ });
    const { server: other, context } = await bench(t, prepared, key);
    const wanting = { ...recipe, tools: ['mkfs', 'gone'] };
    const row = { archive: archiveAt(other.url, key) };
    await t.rejects(withOpenSuite('old', row, wanting, { ...context, patience: hasty }, lookInto), {
      message: /no package gone in squeeze/,
    });
  });

  await t.test('one that can’t be reached is said so in a sentence', async (t) => {
    const { open, server } = await bench(t, prepared, key);
    await server.close();
    await t.rejects(open(), {
      name: 'UnreachableError',
      message: /^InRelease of squeeze can't be downloaded: the server can't be reached \(/,
    });
  });
});

t.test(
  'beside a mirror the archive stands in where that no longer has the suite, and only then',
  async (t) => {
    const key = await fileKey(t);
    const { server, folder, source, options, publish } = await makeLocalApt(t);
    const { distribution, suite } = source;
    await makeArchive(join(folder, 'archive'), { suite, ...contents });
    await key.sign(join(folder, 'archive'), suite, 'inline');
    const row = { apt: { distribution, suite }, archive: archiveAt(`${server.url}/archive`, key, { suite }) };
    const open = () =>
      withOpenSuite('row', row, recipe, { ...options, patience: hasty, refresh: true }, lookInto);
    const answering = (status: number) => {
      server.trick = (_, response, path) => {
        if (path.startsWith('/archive/') || !path.startsWith('/dists/')) return false;
        response.writeHead(status).end();
        return true;
      };
    };
    for (const status of [500, 403]) {
      answering(status);
      t.match(await open(), { from: 'apt', packages: [] }, `${status}`);
    }
    answering(404);
    t.match(await open(), { from: 'archive', packages: names });
    server.trick = () => false;
    await publish(contents.packages);
    t.match(await open(), { from: 'apt', sources: undefined, packages: names });
    answering(404);
    t.match(await open(), { from: 'archive' }, 'also where it had it before');
  },
);
