import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { withRunLine } from '../../harness/cli/run-index.js';
import { sampleRun } from '../report/sample-run.js';
import { kmatrix } from './kmatrix.js';

t.setTimeout(300_000);

t.test('a run is packed, indexed and added to git, and its consoles can be printed', async (t) => {
  const root = t.testdir({ '.gitignore': '/runs/20*/\n', runs: {} });
  const runs = join(root, 'runs');
  const git = (...words: string[]) => execa('git', words, { cwd: root });
  await git('init', '--quiet');
  const folder = await sampleRun(runs);
  const run = basename(folder);
  const { exitCode, stderr } = await kmatrix(['publish', 'latest', '--runs', runs, '--about', 'a | b']);
  t.equal(exitCode, 0, stderr);
  t.match(stderr, /3 consoles packed, 3 left out/);
  const index = await readFile(join(runs, 'README.md'), 'utf8');
  t.match(index, `| [${run}](${run}/table.md) | a \\| b |`);
  const { stdout } = await git('diff', '--cached', '--name-only');
  t.same(stdout.split('\n').sort(), [
    ...['attempts.jsonl', 'evidence.tar.gz', 'images.json', 'run.json', 'sessions.jsonl', 'table.md'].map(
      (name) => `runs/${run}/${name}`,
    ),
    'runs/README.md',
  ]);
  t.match(await readFile(join(folder, 'table.md'), 'utf8'), '[oops](evidence.tar.gz#consoles/');

  const printed = await kmatrix([
    'console',
    'latest',
    'vanilla-3.2/lifecycle/plain/default#1',
    '--runs',
    runs,
  ]);
  t.ok(
    printed.stdout.startsWith('booted\nBUG: fault\nCall Trace: \u001b[31mred'),
    'an old id means the same cell',
  );
  const left = await kmatrix(['console', 'latest', 'vanilla-3.2/lifecycle#3', '--runs', runs]);
  t.equal(left.exitCode, 2);
  t.match(left.stderr, /vanilla-3\.2\/lifecycle#3 has no console/);
  const none = await kmatrix(['console', 'latest', 'vanilla-3.2/lifecicle', '--runs', runs]);
  t.match(none.stderr, /no attempt 'vanilla-3\.2\/lifecicle#0'[\s\S]*did you mean/);

  const again = await kmatrix(['publish', run, '--runs', runs, '--no-add']);
  t.equal(again.exitCode, 0, again.stderr);
  t.equal(await readFile(join(runs, 'README.md'), 'utf8'), index, 'its line stays');
});

t.test('--whole keeps the consoles; without git it says how to go on', async (t) => {
  const runs = t.testdir({});
  const folder = await sampleRun(runs);
  const { exitCode, stderr } = await kmatrix(['publish', 'latest', '--whole', '--runs', runs], {
    env: { GIT_CEILING_DIRECTORIES: runs, GIT_DIR: join(runs, 'none') },
  });
  t.equal(exitCode, 2);
  t.match(stderr, /git refused it[\s\S]*--no-add/);
  t.ok((await readdir(folder)).includes('consoles'));
});

t.test('the index: a row is replaced, appended, or begins a table', async (t) => {
  const table = '# Runs\n\n| run | what |\n|---|---|\n| [a](a/table.md) | one |\n\nMore words.\n';
  t.equal(
    withRunLine(table, 'b', 'two\nlines'),
    table.replace('one |\n', 'one |\n| [b](b/table.md) | two lines |\n'),
  );
  t.equal(withRunLine(table, 'a', 'other'), table.replace('one', 'other'));
  t.equal(
    withRunLine('', 'a', 'one'),
    '# Published runs\n\n| run | what |\n|---|---|\n| [a](a/table.md) | one |\n',
  );
});
