import { cp, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import t from 'tap';
import { projectRoot } from '../../harness/host/project.js';

t.setTimeout(300_000);

t.test('a broken bugs.yml breaks repro, which says where, and nothing else', async (t) => {
  const copy = t.testdir({ images: {}, bugs: {}, runs: {} });
  const built = join(import.meta.dirname, '../../harness');
  await cp(built, join(copy, 'dist/harness'), { recursive: true });
  for (const name of ['package.json', 'node_modules', 'matrix.yml', 'bugs/known-issues.yml']) {
    await symlink(join(projectRoot, name), join(copy, name));
  }
  const file = join(copy, 'bugs/bugs.yml');
  const kmatrix = (...words: string[]) =>
    execa(process.execPath, [join(copy, 'dist/harness/cli/main.js'), ...words], { reject: false, input: '' });
  for (const text of ['bugs: [', 'bugs: []\n']) {
    await writeFile(file, text);
    for (const words of [['--help'], ['repro', '--help'], ['classify', '-'], ['matrix', 'kernels']]) {
      const { exitCode, stderr } = await kmatrix(...words);
      t.equal(exitCode, 0, `${words.join(' ')}: ${stderr}`);
    }
    const { exitCode, stderr } = await kmatrix('repro', '407');
    t.equal(exitCode, 2);
    t.match(stderr, /the bugs to reproduce (can't be read|don't match their schema)/);
    t.match(stderr, file);
  }
});
