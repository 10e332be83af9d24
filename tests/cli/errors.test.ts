import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { kmatrix } from './kmatrix.js';

t.test('a kernel that no row has exits 2 and suggests the nearest', async (t) => {
  const { exitCode, stderr, stdout } = await kmatrix(['run', '--kernel', 'debian-6.1-clod']);
  t.equal(exitCode, 2);
  t.match(stderr, /no kernel matches 'debian-6\.1-clod'/);
  t.match(stderr, /debian-6\.1-cloud/);
  t.equal(stdout, '');
});

t.test('a wrong matrix.yml exits 2 with file, line and column, and the nearest key', async (t) => {
  const file = join(t.testdir(), 'matrix.yml');
  await writeFile(file, 'version: 1\nkernles: {}\n');
  const { exitCode, stderr } = await kmatrix(['run', '--matrix', file]);
  t.equal(exitCode, 2);
  t.match(stderr, `${file}:2:1`);
  t.match(stderr, /kernels/);
});

t.test('a matrix.yml that is not there exits 2 with its path', async (t) => {
  const { exitCode, stderr } = await kmatrix(['run', '--matrix', '/nowhere/matrix.yml']);
  t.equal(exitCode, 2);
  t.match(stderr, '/nowhere/matrix.yml');
});

t.test('no QEMU exits 3 and says how to get one', async (t) => {
  const { exitCode, stderr } = await kmatrix(['run'], { env: { KMATRIX_QEMU: '/nowhere/qemu' } });
  t.equal(exitCode, 3);
  t.match(stderr, /doctor --install/);
});

t.test('a cache folder that can’t be made exits 3 and names it', async (t) => {
  const { exitCode, stderr } = await kmatrix(['images', 'list'], {
    env: { KMATRIX_CACHE: '/etc/passwd/kmatrix' },
  });
  t.equal(exitCode, 3);
  t.match(stderr, '/etc/passwd/kmatrix');
});

t.test('where no folder can be made the end comes at once, with the folder and a remedy', async (t) => {
  const env = { KMATRIX_CACHE: '/proc/x/cache' };
  for (const words of [['run'], ['doctor'], ['images', 'list'], ['shell', 'debian-6.1-cloud']]) {
    const { exitCode, stderr, timedOut } = await kmatrix(words, { env, timeout: 600_000 });
    t.notOk(timedOut, words.join(' '));
    t.equal(exitCode, 3, stderr);
    t.match(stderr, 'at /proc/x/cache');
    t.equal(stderr.match(/KMATRIX_CACHE/g)?.length, 1, stderr);
  }
});

t.test('a run that isn’t there exits 2', async (t) => {
  const { exitCode, stderr } = await kmatrix(['report', '20000101T000000Z-000000']);
  t.equal(exitCode, 2);
  t.match(stderr, /there is no run/);
});

t.test('a page of no runs exits 2 and says where it looked', async (t) => {
  const { exitCode, stderr, stdout } = await kmatrix(['page', '407', '--runs', '/nowhere']);
  t.equal(exitCode, 2);
  t.match(stderr, '/nowhere');
  t.equal(stdout, '');
});

t.test('an unknown command and an unknown option exit 2 with a suggestion', async (t) => {
  const command = await kmatrix(['repotr']);
  t.equal(command.exitCode, 2);
  t.match(command.stderr, /report/);
  for (const words of [
    ['help', 'repotr'],
    ['images', 'help', 'lsit'],
  ]) {
    const { exitCode, stderr } = await kmatrix(words);
    t.equal(exitCode, 2);
    t.match(stderr, `there is no command '${words.at(-1)}'`);
    t.match(stderr, /did you mean '(report|list)'/);
  }
  const option = await kmatrix(['run', '--kernle', 'x']);
  t.equal(option.exitCode, 2);
  t.match(option.stderr, /--kernel/);
});

t.test('a page that isn’t there: which there are, and what there is for a bug without one', async (t) => {
  const series = await kmatrix(['page', 'lp720095']);
  t.equal(series.exitCode, 2);
  t.match(series.stderr, /there is no page about 'lp720095'\n.*one about 407; kmatrix repro lp720095/);
  const unknown = await kmatrix(['page', 'xyz']);
  t.equal(unknown.exitCode, 2);
  t.match(unknown.stderr, /there is no page about 'xyz'\n.*407/);
});

t.test('an option of a command in a guest needs --, and the error says so', async (t) => {
  const { exitCode, stderr } = await kmatrix(['shell', 'debian-6.1-cloud', 'uname', '-a']);
  t.equal(exitCode, 2);
  t.match(stderr, /has no option '-a'\n.*comes after --: kmatrix shell KERNEL -- uname -a/);
  t.match((await kmatrix(['shell', 'debian-6.1-cloud', '--memroy', '1'])).stderr, 'Did you mean --memory?');
});

t.test('the beginning of a kernel’s name is enough to be told the whole', async (t) => {
  const { exitCode, stderr } = await kmatrix(['shell', 'debian-6.1']);
  t.equal(exitCode, 2);
  t.match(stderr, "did you mean 'debian-6.1-cloud'?");
});

t.test('help of a command is its --help', async (t) => {
  const [asked, own] = await Promise.all([kmatrix(['help', 'report']), kmatrix(['report', '--help'])]);
  t.equal(asked.exitCode, 0);
  t.match(own.stdout, /^Usage: kmatrix report/);
  t.equal(asked.stdout, own.stdout);
});

t.test('a missing argument names the help of its own command', async (t) => {
  const { exitCode, stderr } = await kmatrix(['images', 'remove']);
  t.equal(exitCode, 2);
  t.match(stderr, /missing required argument[\s\S]*kmatrix images remove --help/);
});

t.test('what a system call said is told once', async (t) => {
  const { exitCode, stderr } = await kmatrix(['check-config', '/nowhere/config']);
  t.equal(exitCode, 2);
  t.equal(stderr.match(/ENOENT/g)?.length, 1, stderr);
});

t.test('attempts and jobs are whole numbers from 1', async (t) => {
  for (const wrong of ['0', '-1', '1.5', 'many']) {
    const { exitCode, stderr } = await kmatrix(['run', '--attempts', wrong]);
    t.equal(exitCode, 2, wrong);
    t.match(stderr, /whole number/);
  }
});

t.test('every command explains itself with examples', async (t) => {
  for (const words of [
    ['run'],
    ['report'],
    ['classify'],
    ['images', 'list'],
    ['images', 'import'],
    ['shell'],
    ['doctor'],
  ]) {
    const { exitCode, stdout } = await kmatrix([...words, '--help']);
    t.equal(exitCode, 0, words.join(' '));
    t.match(stdout, /Example/, words.join(' '));
  }
});

t.test('classify reads standard input, and prints nothing raw of what it reads', async (t) => {
  const input =
    'BUG: unable to handle kernel NULL pointer dereference at 0000000000000008\nIP: [<ffffffff81156b11>] evil\u001b[2J+0x1/0x2\n';
  const { exitCode, stdout } = await kmatrix(['classify', '-'], { input });
  t.equal(exitCode, 0);
  t.match(stdout, /oops/);
  t.notMatch(stdout, '\u001b');
});
