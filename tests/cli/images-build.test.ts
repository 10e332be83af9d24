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
      if (words[1] === absent) t.match(stderr, /--tree \(a folder, git repository or release tarball/);
    }
  },
);

t.test(
  'a tree that is there and isn’t one of the row is a wrong word: exit 2, where, and --folder',
  async (t) => {
    const version = (text: string) => ({ Makefile: text, below: {} });
    const folder = t.testdir({ cache: {}, other: version('VERSION = 3\nPATCHLEVEL = 20\n'), empty: {} });
    process.env.KMATRIX_CACHE = join(folder, 'cache');
    const refused = async (words: string[], said: RegExp) => {
      const { exitCode, stderr } = await kmatrix(['images', 'build', ...words]);
      t.equal(exitCode, 2, `${words.join(' ')}: ${stderr}`);
      t.match(stderr, said);
      return stderr;
    };
    const at = (name: string) => join(folder, name);
    const stderr = await refused(
      ['vanilla-3.2', '--tree', at('empty')],
      /not a kernel tree: it has no Makefile/,
    );
    t.match(stderr, `\n  at ${at('empty')}\n`);
    t.match(stderr, /--folder/);
    t.notMatch(stderr, 'for git');
    await refused(
      ['vanilla-3.2', '--tree', at('other'), '--folder', 'below'],
      /has no Makefile\n {2}at .*other\/below\n/,
    );
    await refused(
      ['vanilla-3.2', '--tree', at('other')],
      /the tree is of 3\.20\.0, and vanilla-3\.2 is a row of the line 3\.2\n {2}at .*\/other\n/,
    );
    await execa('tar', ['-C', folder, '-cf', at('other.tar'), 'other']);
    await refused(
      ['vanilla-3.2', '--tree', at('other.tar')],
      /the tree is of 3\.20\.0.*\n {2}at .*other\.tar\n/,
    );
  },
);

t.test('a row that is no tree’s has none to build: exit 2', async (t) => {
  const folder = t.testdir({ cache: {} });
  process.env.KMATRIX_CACHE = join(folder, 'cache');
  for (const words of [['--tree', folder], []]) {
    const { exitCode, stderr } = await kmatrix(['images', 'build', 'debian-6.1-cloud', ...words]);
    t.equal(exitCode, 2);
    t.match(stderr, 'debian-6.1-cloud is a row of the kind apt: it has no tree to build');
    t.match(stderr, 'kmatrix images fetch debian-6.1-cloud');
  }
});

t.test('a tarball that can’t be had: the remedy ends with how to give a tree', async (t) => {
  process.env.KMATRIX_CACHE = t.testdir();
  const { exitCode, stderr } = await kmatrix(['images', 'build', 'vanilla-3.2', '--offline']);
  t.equal(exitCode, 3);
  t.match(`${stderr}\n`, /; or give a tree: kmatrix images build vanilla-3\.2 --tree FOLDER\n$/);
});
