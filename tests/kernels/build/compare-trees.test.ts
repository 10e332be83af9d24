import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { compareTrees } from '../../../harness/kernels/build/compare-trees.js';
import { coreId } from '../../../harness/kernels/build/tree-core.js';
import { kmatrix } from '../../cli/kmatrix.js';
import { writeFiles } from './tree-fixture.js';

t.setTimeout(120_000);
const { signal } = new AbortController();
const files = {
  Makefile: 'VERSION = 3\nPATCHLEVEL = 2\nSUBLEVEL = 0\nEXTRAVERSION = .71\n',
  'fs/namespace.c': 'umount_tree\n',
  'kernel/fork.c': 'copy_process\n',
  'drivers/net/veth.c': 'veth\n',
};

async function twoTrees(t: Test) {
  const folder = t.testdir({});
  const first = await writeFiles(join(folder, 'first'), files);
  const second = await writeFiles(join(folder, 'second'), files);
  return { folder, first, second };
}

t.test('two copies are compared by their core files, whatever else is in them', async (t) => {
  const { first, second } = await twoTrees(t);
  await writeFiles(second, {
    'drivers/net/veth.c': 'other\n',
    'fs/namespace.o': 'built\n',
    'fs/.gitignore': '*.o\n',
  });
  const same = await compareTrees([first, second], signal);
  t.match(same, { compared: 2, differ: [], onlyInFirst: [], onlyInSecond: [] });
  t.equal(coreId(same.first), coreId(same.second));
  await writeFiles(second, { 'kernel/fork.c': 'copy_process2\n', 'mm/own.c': '' });
  await rm(join(second, 'fs/namespace.c'));
  t.match(await compareTrees([first, second], signal), {
    ...{ first: { version: '3.2.0.71' }, compared: 1, differ: ['kernel/fork.c'] },
    ...{ onlyInFirst: ['fs/namespace.c'], onlyInSecond: ['mm/own.c'] },
  });
});

t.test('a commit of a repository is compared as it lies there, below a folder too', async (t) => {
  const { folder, first } = await twoTrees(t);
  const repository = join(folder, 'repository');
  await writeFiles(join(repository, 'linux'), files);
  const git = (...words: string[]) =>
    execa('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...words], { cwd: repository });
  await git('init', '--quiet');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'one');
  await writeFile(join(repository, 'linux/fs/namespace.c'), 'not committed\n');
  const found = await compareTrees([first, `${repository}@HEAD:linux`], signal);
  t.match(found, { compared: 2, differ: [] });
  t.equal(coreId(found.second), coreId(found.first));
  await t.rejects(
    compareTrees([first, `${repository}@HEAD`], signal),
    { name: 'ImageError' },
    'no kernel there',
  );
  await t.rejects(compareTrees([first, join(folder, 'none')], signal), { name: 'ImageError' });
});

t.test('the command lists what differs, and its exit code says whether anything does', async (t) => {
  const { first, second } = await twoTrees(t);
  const same = await kmatrix(['images', 'compare-trees', first, second]);
  t.equal(same.exitCode, 0, same.stderr);
  t.match(same.stdout, /^2 files compared, 0 differ, 0 only in the first, 0 only in the second$/m);
  await writeFiles(second, { 'kernel/fork.c': 'copy_process2\n', 'mm/own.c': '' });
  const other = await kmatrix(['images', 'compare-trees', first, second]);
  t.equal(other.exitCode, 1);
  t.match(other.stdout, /^! kernel\/fork\.c\n- mm\/own\.c$/m);
  const { stdout } = await kmatrix(['images', 'compare-trees', first, second, '--json']);
  t.match(JSON.parse(stdout), { differ: ['kernel/fork.c'], onlyInSecond: ['mm/own.c'] });
});

t.test('a tree is a stranger’s: no name of a file in it moves the cursor', async (t) => {
  const { first, second } = await twoTrees(t);
  await writeFiles(second, {
    Makefile: 'VERSION = 3\nPATCHLEVEL = 2\nSUBLEVEL = 0\nEXTRAVERSION = .\u001b[2J\n',
    'kernel/\u001b[2Jfork.c': 'x',
    'mm/\u202eown.c': '',
  });
  const { stdout } = await kmatrix(['images', 'compare-trees', first, second]);
  t.match(stdout, 'kernel/\\u{1b}[2Jfork.c');
  t.match(stdout, 'mm/\\u{202e}own.c');
  t.notMatch(stdout, /(?!\n)[\p{Cc}\p{Cf}]/u);
});
