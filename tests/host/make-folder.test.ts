import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { makeFolder } from '../../harness/host/make-folder.js';
import { projectRoot } from '../../harness/host/project.js';

t.test('a folder is made with those above it, and one that is there stays', async (t) => {
  const root = t.testdir({ there: {} });
  const deep = join(root, 'a/b/c');
  await Promise.all([makeFolder(deep), makeFolder(deep), makeFolder(join(root, 'a/b/d'))]);
  t.ok((await stat(deep)).isDirectory());
  await makeFolder(join(root, 'there'));
  await makeFolder('/');
});

t.test('what is in the way is told, and comes to an end where names can’t be made', async (t) => {
  const file = join(t.testdir(), 'file');
  await writeFile(file, '');
  await t.rejects(makeFolder(file), { code: 'EEXIST' });
  await t.rejects(makeFolder(join(file, 'below')), { code: 'ENOTDIR' });
  // Node's own goes round and round here
  await t.rejects(makeFolder('/proc/x/cache'), { code: 'ENOENT', path: '/proc/x' });
});

t.test('no part of kmatrix makes folders in a user’s place by Node’s own way', async (t) => {
  const sources = (await readdir(join(projectRoot, 'harness'), { recursive: true })).filter((name) =>
    name.endsWith('.ts'),
  );
  t.ok(sources.length > 300, 'the sources are there');
  const own = await Promise.all(
    sources.map(async (name) => {
      const text = await readFile(join(projectRoot, 'harness', name), 'utf8');
      return /mkdir(Sync)?\([^;]*recursive: true/.test(text) ? [name] : [];
    }),
  );
  // below a folder that mkdtemp or the staging made
  t.strictSame(own.flat(), ['disks/userlands/repository.ts']);
});
