import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { kmatrix, pidsWith, until } from '../cli/kmatrix.js';
import { finished, setUp } from './small-run.js';

t.test(
  'a run boots a real kernel, stores each attempt with its console, prints the table, exits 0',
  async (t) => {
    const { words, out, mark, marked } = await setUp(t.testdir({ out: {} }));
    const { stdout, stderr, exitCode } = await kmatrix([...words, '--attempts', '2'], marked);
    t.equal(exitCode, 0, stderr);
    t.match(stdout, /kernel +burn/);
    t.match(stdout, /stable/);
    const attempts = (await finished(out)).map((line) => JSON.parse(line));
    t.equal(attempts.length, 2);
    for (const attempt of attempts) {
      t.match(attempt, { outcome: 'stable', iterations: 5, release: /^6\.1\./ });
      const [run = ''] = await readdir(out);
      t.match(
        await readFile(join(out, run, attempt.console), 'latin1'),
        /Linux version 6\.1\./,
        'in the kernel’s own words',
      );
    }
    t.same(await pidsWith(mark), []);
    t.comment(`ran on ${attempts[0].release}`);
  },
);

t.test('--json prints one document on stdout, and progress stays on stderr', async (t) => {
  const { words } = await setUp(t.testdir({ out: {} }));
  const { stdout, stderr } = await kmatrix([...words, '--json']);
  t.match(JSON.parse(stdout), { version: 1, attempts: { planned: 3, finished: 3, unexpected: 0 } });
  t.match(stderr, /\[3\/3\] debian-6\.1-cloud\/burn #0 stable/);
});

t.test('a run killed with SIGKILL leaves no machine, and goes on where it was', async (t) => {
  const { words, out, mark, marked } = await setUp(t.testdir({ out: {} }));
  // as many as leave time to be seen at work: a restored machine is through in a second
  const attempts = 12;
  const first = kmatrix([...words, '--attempts', String(attempts), '--seed', '7'], marked);
  await until(async () => ((await finished(out)).length >= 1 ? true : undefined));
  await until(async () => ((await pidsWith(mark)).length > 0 ? true : undefined));
  first.kill('SIGKILL');
  await first;
  await until(async () => ((await pidsWith(mark)).length === 0 ? true : undefined));
  const before = await finished(out);
  t.ok(before.length >= 1 && before.length < attempts, `${before.length} of ${attempts} were on disk`);
  const second = await kmatrix([...words, '--resume', 'latest']);
  t.equal(second.exitCode, 0, second.stderr);
  const after = await finished(out);
  t.equal(after.length, attempts);
  t.same(after.slice(0, before.length), before, 'what was finished was not run again');
  const seeds = after.map((line) => JSON.parse(line).key.seed);
  t.equal(new Set(seeds).size, attempts, 'each attempt has its own seed');
});

t.test('Ctrl-C ends the machines, keeps what finished and exits 130', async (t) => {
  const { words, out, mark, marked } = await setUp(t.testdir({ out: {} }), 1_000_000);
  const run = kmatrix(words, marked);
  await until(async () => ((await pidsWith(mark)).length > 0 ? true : undefined));
  run.kill('SIGINT');
  const { exitCode, stderr } = await run;
  t.equal(exitCode, 130);
  const [id = ''] = await readdir(out);
  t.match(stderr, `kmatrix run --resume ${join(out, id)} continues it`, 'a folder is found from anywhere');
  t.same(await pidsWith(mark), []);
  t.same(await finished(out), []);
  t.match(JSON.parse(await readFile(join(out, id, 'run.json'), 'utf8')), { start: 'auto' });
  const otherWay = await kmatrix(['run', '--resume', join(out, id), '--boot', 'cold']);
  t.equal(otherWay.exitCode, 2);
  t.match(
    otherWay.stderr,
    /--resume continues with the cells, seed, images and way of starting[\s\S]*at --boot/,
  );
});

t.test(
  'a reader that goes away (head) ends the machines, and what finished before has its table',
  async (t) => {
    const { words, out, mark, marked } = await setUp(t.testdir({ out: {} }));
    const run = kmatrix([...words, '--attempts', '400'], marked);
    await until(async () => ((await finished(out)).length >= 1 ? true : undefined));
    // 2>&1 | head
    run.stderr.destroy();
    run.stdout.destroy();
    const { exitCode } = await run;
    t.equal(exitCode, 130);
    t.same(await pidsWith(mark), []);
    const before = (await finished(out)).length;
    t.ok(before >= 1 && before < 400, `${before} of 400 finished`);
    const [id = ''] = await readdir(out);
    t.match(await readFile(join(out, id, 'table.md'), 'utf8'), 'burn');
  },
);

t.test('a full disk is one error with exit code 3, and what finished before it stays readable', async (t) => {
  if (process.getuid?.() !== 0) return void t.pass('not run', { skip: 'needs root, to mount a small tmpfs' });
  const { words, out } = await setUp(t.testdir({ out: {} }));
  const mounted = await execa('mount', ['-t', 'tmpfs', '-o', 'size=240k', 'kmatrix-test', out], {
    reject: false,
  });
  if (mounted.failed) return void t.pass('not run', { skip: `needs mount: ${mounted.stderr}` });
  try {
    const { exitCode, stderr } = await kmatrix([...words, '--attempts', '9']);
    t.equal(exitCode, 3);
    t.match(stderr, /ENOSPC|no space/i);
    const lines = await finished(out);
    t.ok(lines.length > 0 && lines.length < 9, `${lines.length} attempts fitted`);
    for (const line of lines) t.match(JSON.parse(line), { outcome: 'stable' });
  } finally {
    // before the test's own folder is removed, which it can't be while something is mounted in it
    await execa('umount', [out]);
  }
});
