import { createHash, randomBytes } from 'node:crypto';
import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { openFolder } from '../../../harness/kernels/build/open-folder.js';
import { openGit } from '../../../harness/kernels/build/open-git.js';
import { openTarball } from '../../../harness/kernels/build/open-tarball.js';
import { makeBench } from '../fetch/archive-context.js';
import { etagOf } from '../fetch/archive-server.js';
import { writeFiles } from './tree-fixture.js';

const { signal } = new AbortController();
const author = ['-c', 'user.name=a', '-c', 'user.email=a@b.invalid'];

/** A repository with a kernel's folder below its root, in two commits. */
async function makeRepository(t: Test) {
  const folder = t.testdir({
    repo: { linux: { Makefile: 'VERSION = 3\n', init: { 'main.c': 'one\n' } }, big: 'blob\n' },
  });
  const repository = join(folder, 'repo');
  const git = async (...words: string[]) =>
    (await execa('git', [...author, ...words], { cwd: repository })).stdout;
  await git('init', '--quiet', '--initial-branch', 'main');
  await git('add', '.');
  await git('commit', '--quiet', '--message', 'one');
  await git('tag', 'one');
  await writeFile(join(repository, 'linux/init/main.c'), 'two\n');
  await git('commit', '--quiet', '--all', '--message', 'two');
  const copyOf = async (tree: { copyTo: (folder: string) => Promise<readonly string[]> }) => {
    const into = await makeEmpty(folder);
    return { into, absent: await tree.copyTo(into) };
  };
  return { folder, repository, git, copyOf };
}

async function makeEmpty(folder: string): Promise<string> {
  const into = join(folder, `copy-${randomBytes(4).toString('hex')}`);
  await execa('mkdir', [into]);
  return into;
}

t.test('a commit of a repository is copied out, and the repository isn’t touched', async (t) => {
  const { repository, git, copyOf } = await makeRepository(t);
  await writeFile(join(repository, 'linux/init/main.c'), 'being edited\n');
  const before = await git('status', '--porcelain');
  const tree = await openGit({ repository, commit: 'one', folder: 'linux' }, signal);
  const { into, absent } = await copyOf(tree);
  t.same(absent, []);
  t.same((await readdir(into)).sort(), ['Makefile', 'init']);
  t.equal(await readFile(join(into, 'init/main.c'), 'utf8'), 'one\n');
  t.equal(await tree.readText('Makefile'), 'VERSION = 3');
  t.equal(await tree.readText('absent'), undefined);
  t.equal(await git('status', '--porcelain'), before);
  t.match(tree.description, /^a supplied git tree \(commit [0-9a-f]{12}\)$/);
});

t.test('the same files have the same hash in any commit and folder, others another', async (t) => {
  const { repository, git } = await makeRepository(t);
  const hash = async (commit: string, folder?: string) =>
    (await openGit({ repository, commit, ...(folder && { folder }) }, signal)).hash();
  await git('commit', '--quiet', '--allow-empty', '--message', 'three');
  t.equal(await hash('HEAD', 'linux'), await hash('HEAD~1', 'linux/'));
  t.not(await hash('HEAD', 'linux'), await hash('one', 'linux'));
  t.not(await hash('HEAD', 'linux'), await hash('HEAD'));
});

t.test(
  'a bare repository that lacks a blob gives all the other files, and names the absent one',
  async (t) => {
    const { folder, repository, git, copyOf } = await makeRepository(t);
    const blob = await git('rev-parse', 'HEAD:big');
    const bare = join(folder, 'bare');
    await execa('git', ['clone', '--quiet', '--bare', '--no-hardlinks', repository, bare]);
    const object = join(bare, 'objects', blob.slice(0, 2), blob.slice(2));
    await chmod(object, 0o600);
    await rm(object);
    await t.rejects(
      execa('git', ['-C', bare, 'archive', '--output', join(folder, 'x.tar'), 'HEAD']),
      'git archive dies',
    );
    const { into, absent } = await copyOf(await openGit({ repository: bare, commit: 'HEAD' }, signal));
    t.same(absent, ['big']);
    t.equal(await readFile(join(into, 'linux/init/main.c'), 'utf8'), 'two\n');
  },
);

t.test('a commit, folder or repository that isn’t there is named', async (t) => {
  const { folder, repository } = await makeRepository(t);
  const open = (place: Parameters<typeof openGit>[0]) => openGit(place, signal);
  await t.rejects(open({ repository, commit: 'nope' }), {
    name: 'ImageError',
    message: /the commit nope is not in/,
  });
  await t.rejects(open({ repository, commit: '--all' }), { name: 'ImageError' }, 'not taken for an option');
  await t.rejects(open({ repository, commit: 'one', folder: 'nope' }), /the folder nope in one is not in/);
  await t.rejects(open({ repository: join(folder, 'absent'), commit: 'HEAD' }), {
    name: /ImageError|HostError/,
  });
});

t.test('a folder’s hash is over its files: not their times, not version control', async (t) => {
  const { repository, copyOf } = await makeRepository(t);
  const hash = async () => (await openFolder(repository, signal)).hash();
  const first = await hash();
  await execa('touch', ['--date=2001-01-01', join(repository, 'big')]);
  await writeFile(join(repository, '.git/description'), 'other');
  t.equal(await hash(), first);
  const { into } = await copyOf(await openFolder(repository, signal));
  t.same((await readdir(into)).sort(), ['big', 'linux']);
  await writeFile(join(repository, 'big'), 'glob\n');
  t.not(await hash(), first);
  await t.rejects(openFolder(join(repository, 'nope'), signal), { name: 'ImageError' });
});

t.test('of a tree that nobody may write to, in a folder or a tarball, the copy may be changed', async (t) => {
  const { folder, context } = await makeBench(t);
  const tree = await writeFiles(join(folder, 'linux'), { 'scripts/mkmakefile': '', 'init/main.c': '' });
  await chmod(join(tree, 'scripts/mkmakefile'), 0o755);
  await execa('git', ['init', '--quiet', tree]);
  await execa('chmod', ['-R', 'a-w', tree]);
  const tarball = join(folder, 'linux.tar');
  await execa('tar', ['-C', folder, '-cf', tarball, '--exclude=.git', 'linux']);
  const trees = [
    await openFolder(tree, signal),
    await openTarball({ url: `file://${tarball}`, sha256: null }, context),
  ];
  for (const opened of trees) {
    const into = await makeEmpty(folder);
    await opened.copyTo(into);
    const paths = ['', ...(await readdir(into, { recursive: true }))].sort();
    t.same(paths, ['', 'init', 'init/main.c', 'scripts', 'scripts/mkmakefile']);
    const modes = await Promise.all(paths.map(async (path) => (await stat(join(into, path))).mode & 0o700));
    t.same(modes, [0o700, 0o700, 0o600, 0o700, 0o700], opened.description);
  }
  t.equal((await stat(tree)).mode & 0o777, 0o555, 'the tree itself is only read');
  await execa('chmod', ['-R', 'u+w', tree]);
});

/** A served release tarball, long enough to be cut. */
async function serveTarball(t: Test) {
  const bench = await makeBench(t);
  const tree = await writeFiles(join(bench.folder, '../tree'), {
    'linux-3.2/Makefile': 'VERSION = 3\n',
    'linux-3.2/init/Makefile': 'obj-y\n',
  });
  await writeFile(join(tree, 'linux-3.2/big'), randomBytes(300_000));
  await execa('tar', ['-C', tree, '-cJf', join(bench.folder, 'linux-3.2.tar.xz'), 'linux-3.2']);
  const bytes = await readFile(join(bench.folder, 'linux-3.2.tar.xz'));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    ...bench,
    bytes,
    sha256,
    url: `${bench.server.url}/linux-3.2.tar.xz`,
    lock: join(tree, 'kernels.lock'),
    pins: { known: join(tree, 'known.lock'), own: join(tree, 'kernels.lock') },
  };
}

t.test('a release tarball is fetched, verified, and unpacked without its top folder', async (t) => {
  const { url, sha256, context, pins, folder } = await serveTarball(t);
  const tree = await openTarball({ url, sha256 }, context, pins);
  t.equal(tree.description, 'linux-3.2.tar.xz');
  t.equal(await tree.hash(), sha256);
  t.equal(await tree.readText('Makefile'), 'VERSION = 3', 'the top one only');
  t.equal(await tree.readText('nope'), undefined);
  const into = await makeEmpty(folder);
  t.same(await tree.copyTo(into), []);
  t.same((await readdir(into)).sort(), ['Makefile', 'big', 'init']);
});

t.test('a tarball with other bytes than its hash says is refused and not kept', async (t) => {
  const { url, context, pins } = await serveTarball(t);
  const wrong = 'a'.repeat(64);
  await t.rejects(openTarball({ url, sha256: wrong }, context, pins), {
    name: 'ImageError',
    message: /wrong sha256/,
  });
});

t.test('a tarball without a hash is pinned when first seen, and held to it', async (t) => {
  const { url, sha256, context, lock, pins, folder, warnings } = await serveTarball(t);
  await openTarball({ url, sha256: null }, context, pins);
  t.match(await readFile(lock, 'utf8'), sha256);
  t.match(warnings(), [/trusted on first use/]);
  await writeFile(join(folder, 'linux-3.2.tar.xz'), 'other');
  t.equal(await (await openTarball({ url, sha256: null }, context, pins)).hash(), sha256, 'from the cache');
  await writeFile(lock, `"${url}": ${'b'.repeat(64)}\n`);
  await t.rejects(openTarball({ url, sha256: null }, context, pins), /wrong sha256/);
});

t.test('a download that is cut goes on where it broke off', async (t) => {
  const { url, sha256, context, pins, server, bytes } = await serveTarball(t);
  let cut = () => {};
  let cuts = 1;
  server.trick = (_, response) => {
    if (cuts-- <= 0) return false;
    response.writeHead(200, { etag: etagOf(bytes.length), 'content-length': bytes.length });
    response.write(bytes.subarray(0, 100_000));
    cut = () => response.destroy();
    return true;
  };
  const cutting = { ...context, onEvent: () => cut() };
  t.equal(await (await openTarball({ url, sha256 }, cutting, pins)).hash(), sha256);
  t.match(server.requests.at(-1)?.range, /^bytes=\d+-$/);
});

t.test('a server that always cuts short is given up, with the URL', async (t) => {
  const { url, sha256, context, pins, server } = await serveTarball(t);
  server.trick = (_, response) => {
    response.writeHead(200, { 'content-length': 1000 });
    response.write('x', () => response.destroy());
    return true;
  };
  await t.rejects(openTarball({ url, sha256 }, context, pins), { name: 'ImageError', where: url });
});

t.test('a tarball on this host’s disk is verified likewise', async (t) => {
  const { folder, sha256, context, pins } = await serveTarball(t);
  const url = `file://${folder}/linux-3.2.tar.xz`;
  t.equal(await (await openTarball({ url, sha256: null }, context, pins)).hash(), sha256);
  await t.rejects(openTarball({ url, sha256: 'c'.repeat(64) }, context, pins), /wrong sha256/);
  await t.rejects(openTarball({ url: 'file:///nope.tar', sha256: null }, context, pins), /no such file/);
});
