import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { execa, type Options } from 'execa';
import t from 'tap';
import { projectRoot } from '../../harness/host/project.js';
import { importedName, rowName } from '../../harness/kernels/binding.js';
import { findKernel } from '../../harness/kernels/kernel-entries.js';
import { loadMatrix } from '../../harness/matrix/load.js';
import { findRow } from '../../harness/matrix/select-rows.js';
import { withShell } from '../../harness/run/open-machine.js';
import { liveMachineCount } from '../../harness/vm/live-machines.js';
import { kmatrixScript, pidsWith, until } from '../cli/kmatrix.js';
import { debianKernel } from './debian-kernel.js';

const row = 'debian-6.1-cloud';
t.comment((await debianKernel()).release);
const matrix = await loadMatrix(join(projectRoot, 'matrix.yml'));

const start = (words: readonly string[], options: Options, kernel = row) =>
  execa(process.execPath, [kmatrixScript, 'shell', kernel, '--accelerator', 'tcg', ...words], {
    reject: false,
    encoding: 'buffer',
    stripFinalNewline: false,
    cwd: projectRoot,
    ...options,
  });

/** kmatrix shell, as a script calls it; standard input is empty where nothing is said. */
async function shell(words: readonly string[], options: Options = { stdin: 'ignore' }, kernel = row) {
  const { stdout, stderr, exitCode } = await start(words, options, kernel);
  const bytes = (stream: unknown) => (stream instanceof Uint8Array ? Buffer.from(stream) : Buffer.alloc(0));
  return { stdout: bytes(stdout), stderr: bytes(stderr).toString(), exitCode };
}

/** The oldest line, and a later one of the document's; from the cache alone. */
const old = await Promise.all(
  ['vanilla-2.6.32', 'vanilla-3.7'].map(async (id) => {
    const isCached = (await findKernel(importedName(id))) ?? (await findKernel(rowName(findRow(matrix, id))));
    return { id, skip: isCached ? false : `lacks the kernel ${id} in the cache` };
  }),
);

t.test('a command reads what kmatrix reads, to its end; each word is an argument as it stands', async (t) => {
  const file = join(t.testdir({ file: 'one\ntwo' }), 'file');
  const words = ['', ' a  b ', `"'$HOME\`\\`, 'line\nline', '*', 'Grüße ☃', '-n'];
  const script = 'cat; printf "[%s]\\n" "$@"; echo trouble >&2; exit 3';
  const { stdout, stderr, exitCode } = await shell(['--', 'sh', '-c', script, 'name', ...words], {
    stdin: { file },
  });
  t.equal(String(stdout), `one\ntwo${words.map((word) => `[${word}]\n`).join('')}`);
  t.match(stderr, 'trouble\n');
  t.equal(exitCode, 3, 'and its exit status is kmatrix’s');
});

for (const { id, skip } of [{ id: row, skip: false }, ...old]) {
  t.test(`random bytes come back as they went, on ${id}`, { skip }, async (t) => {
    const bytes = randomBytes(5_000_000);
    const file = join(t.testdir(), 'bytes');
    await writeFile(file, bytes);
    const began = performance.now();
    const { stdout, exitCode } = await shell(['--', 'cat'], { stdin: { file } }, id);
    t.comment(`${Math.round(performance.now() - began)} ms`);
    t.ok(bytes.equals(stdout));
    t.equal(exitCode, 0);
  });
}

t.test(
  'one word is a line for sh, whose input may be empty; what the kernel says is not its own',
  async (t) => {
    const { stdout, stderr, exitCode } = await shell(['--', 'wc -c; echo kernel > /dev/kmsg; kill -9 $$']);
    t.equal(String(stdout), '0\n');
    t.match(stderr, /\] kernel$/m);
    t.notMatch(stderr, 'Linux version');
    t.equal(exitCode, 137, 'as a shell says that a signal ended it');
  },
);

t.test('without a command and a terminal, the shell reads its commands', async (t) => {
  const { stdout, exitCode } = await shell([], {
    stdin: 'pipe',
    input: 'name=Grüße\necho "<$name>"; exit 9\n',
  });
  t.equal(String(stdout), '<Grüße>\n');
  t.equal(exitCode, 9);
});

t.test('a program that isn’t there; --verbose shows the boot', async (t) => {
  const { stdout, stderr, exitCode } = await shell(['--verbose', '--', 'no-such-program', 'x']);
  t.equal(String(stdout), '');
  t.match(stderr, /Linux version 6\.1[\s\S]*no-such-program: No such file or directory\n/);
  t.equal(exitCode, 127);
});

t.test('a command that doesn’t end is ended, whatever its input does', async (t) => {
  const mark = `shell-${process.pid}-timeout`;
  const { stdout, stderr, exitCode } = await shell(['--timeout', '2', '--', 'echo begun; sleep 1000'], {
    stdin: 'pipe',
    env: { KMATRIX_TEST_MARK: mark },
  });
  t.equal(String(stdout), 'begun\n');
  t.match(stderr, 'not finished after 2 s');
  t.equal(exitCode, 124);
  t.same(await pidsWith(mark), []);
});

t.test('a shell that is killed leaves no machine', async (t) => {
  const mark = `shell-${process.pid}-killed`;
  const child = start(['--', 'echo begun; cat'], { stdin: 'pipe', env: { KMATRIX_TEST_MARK: mark } });
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  t.equal((await pidsWith(mark)).length, 1);
  child.kill('SIGKILL');
  await child;
  await until(async () => ((await pidsWith(mark)).length === 0 ? true : undefined));
});

t.test('a kernel that stops while it boots is said so, with its last line', async (t) => {
  const kernel = findRow(matrix, row);
  let boot = '';
  const events = {
    onImage: () => {},
    onBoot: (text: string) => {
      boot += text;
    },
    signal: new AbortController().signal,
  };
  // an init that never says a word to anybody
  const request = {
    row: {
      ...kernel,
      bootArguments: [...kernel.bootArguments, 'rdinit=/bin/busybox', '--', 'sleep', '1000'],
    },
    busybox: await busybox(),
    memoryMiB: 128,
    accelerator: 'tcg',
    bootLimits: { totalSeconds: 120, quietSeconds: 15 },
  } as const;
  await t.rejects(
    withShell(request, events, async () => t.fail('it is not ready')),
    { message: /stopped while it booted; its last line: .*\[ .*\S/, remedy: /--verbose/ },
  );
  t.match(boot, 'Linux version');
  t.equal(liveMachineCount(), 0);
});

async function busybox(): Promise<string> {
  const { stdout } = await execa('sh', ['-c', 'command -v busybox']);
  return stdout;
}
