import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { kmatrix, pidsWith } from '../cli/kmatrix.js';
import { finished, setUp } from './small-run.js';

/** QEMU as it is here, but that its first `times` starts fail: out of processes, or ended by the kernel for want of memory. */
async function failing(folder: string, times: number, how: 'eagain' | 'killed' = 'eagain'): Promise<string> {
  const file = join(folder, 'qemu-stand-in');
  const end = {
    eagain: "echo 'qemu: qemu_thread_create: Resource temporarily unavailable' >&2; exit 1",
    killed: 'kill -KILL $$',
  }[how];
  const script = `#!/bin/sh
[ "$1" = --version ] && exec qemu-system-x86_64 "$@"
left=$(cat "$0.left")
if [ "$left" -gt 0 ]; then echo $((left - 1)) > "$0.left"; ${end}; fi
exec qemu-system-x86_64 "$@"
`;
  await writeFile(file, script);
  await writeFile(`${file}.left`, `${times}\n`);
  await chmod(file, 0o755);
  return file;
}

const left = async (qemu: string): Promise<number> => Number(await readFile(`${qemu}.left`, 'utf8'));

async function runWith(folder: string, times: number, how?: 'eagain' | 'killed') {
  const { words, out, mark, marked } = await setUp(folder);
  const qemu = await failing(folder, times, how);
  const cold = [...words, '--accelerator', 'tcg', '--boot', 'cold', '--attempts', '3'];
  const env = { ...marked.env, KMATRIX_QEMU: qemu };
  const ended = await kmatrix(cold, { env });
  const [id = ''] = await readdir(out);
  t.same(await pidsWith(mark), [], 'no machine is left');
  return { ...ended, qemu, env, words, run: join(out, id), lines: await finished(out) };
}

t.test('one bad start is tried once more, and nothing came of it', async (t) => {
  for (const how of ['eagain', 'killed'] as const) {
    const { exitCode, stderr, qemu, lines } = await runWith(t.testdir({ out: {} }), 1, how);
    t.equal(await left(qemu), 0, `it failed once (${how})`);
    t.equal(exitCode, 0, stderr);
    t.same(
      lines.map((line) => JSON.parse(line).outcome),
      ['stable', 'stable', 'stable'],
    );
  }
});

t.test('two bad starts are one attempt’s harness-error, with QEMU’s words; the others run', async (t) => {
  const { exitCode, stderr, run } = await runWith(t.testdir({ out: {} }), 2);
  t.equal(exitCode, 1, stderr);
  const all = (await readFile(join(run, 'attempts.jsonl'), 'utf8')).trim().split('\n');
  const outcomes = all.map((line) => JSON.parse(line));
  t.equal(outcomes.length, 5, 'three attempts and two controls');
  const failed = outcomes.filter(({ outcome }) => outcome === 'harness-error');
  t.match(failed, [{ reason: /QEMU did not start: .*Resource temporarily unavailable/, release: /^6\.1\./ }]);
  t.equal(failed.length, 1);
});

t.test('a host on which none starts ends the run with 3; resumed, nothing is missing', async (t) => {
  const { exitCode, stderr, qemu, env, words, run } = await runWith(t.testdir({ out: {} }), 10);
  t.equal(exitCode, 3, stderr);
  t.match(stderr, /no machine came up for 5 attempts in a row: .*Resource temporarily unavailable/);
  t.match(stderr, /--resume/);
  t.equal(await left(qemu), 0, 'five attempts, twice each');
  t.equal(await readFile(join(run, 'attempts.jsonl'), 'utf8'), '', 'none of them counts');
  const resumed = await kmatrix([...words, '--resume', run], { env });
  t.equal(resumed.exitCode, 0, resumed.stderr);
});

t.test(
  'a bad start while a template is made or restored is one attempt’s: the others are restored',
  async (t) => {
    const folder = t.testdir({ out: {} });
    const { words, marked, out } = await setUp(folder);
    const qemu = await failing(folder, 1);
    const env = { ...marked.env, KMATRIX_QEMU: qemu };
    const ended = await kmatrix([...words, '--accelerator', 'tcg', '--boot', 'template', '--attempts', '4'], {
      env,
    });
    t.equal(ended.exitCode, 0, ended.stderr);
    t.equal(await left(qemu), 0);
    t.notMatch(ended.stderr, /each attempt boots/);
    const starts = (await finished(out)).map((line) => JSON.parse(line).start);
    t.ok(starts.includes('template'), starts.join());
  },
);
