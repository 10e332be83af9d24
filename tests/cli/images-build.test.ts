import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { kmatrix } from './kmatrix.js';

t.test(
  'a tree, folder, commit or patch set that isn’t there is a wrong word: exit 2 with its path',
  async (t) => {
    const folder = t.testdir({ cache: {}, tree: { Makefile: '' }, repository: { below: { Makefile: '' } } });
    process.env.KMATRIX_CACHE = join(folder, 'cache');
    const [tree, repository, absent] = ['tree', 'repository', 'absent'].map((name) => join(folder, name));
    const git = (...words: string[]) =>
      execa('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-C', `${repository}`, ...words]);
    await git('init', '--quiet');
    await git('add', '.');
    await git('commit', '--quiet', '-m', 'a tree');
    const cases = [
      { words: ['--tree', absent], where: absent },
      { words: ['--tree', tree, '--folder', 'absent'], where: `${tree}/absent` },
      { words: ['--tree', tree, '--commit', 'v3.2'], where: tree },
      { words: ['--tree', repository, '--commit', 'absent'], where: repository },
      { words: ['--tree', repository, '--commit', 'HEAD', '--folder', 'absent'], where: repository },
      { words: ['--tree', tree, '--patch-set', absent], where: absent },
      { words: ['--tree', tree, '--patch-set', `${absent}@main`], where: absent },
    ];
    for (const { words, where } of cases) {
      const { exitCode, stderr } = await kmatrix(['images', 'build', 'vanilla-3.2', ...words.map(String)]);
      t.equal(exitCode, 2, `${words.join(' ')}: ${stderr}`);
      t.match(`${stderr}\n`, `  at ${where}\n`);
    }
  },
);

t.test('a tree that is there but can’t be a kernel stays an image that can’t be had: exit 3', async (t) => {
  const folder = t.testdir({ cache: {}, repository: { below: { Makefile: '' } } });
  process.env.KMATRIX_CACHE = join(folder, 'cache');
  await mkdir(join(folder, 'empty'));
  const { exitCode, stderr } = await kmatrix([
    'images',
    'build',
    'vanilla-3.2',
    '--tree',
    join(folder, 'empty'),
  ]);
  t.equal(exitCode, 3);
  t.match(stderr, /not a kernel tree/);
});
