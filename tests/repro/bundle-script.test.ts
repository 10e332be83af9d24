import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { projectRoot } from '../../harness/host/project.js';
import { withFatalPatterns } from '../../harness/repro/bundle/fatal-patterns.js';
import type { Recording } from '../../harness/repro/bundle/record-attempt.js';
import { writeBundle } from '../../harness/repro/bundle/write-bundle.js';
import { fixtures } from '../diagnosis/fixture.js';
import { madeUpRequest, oops407 } from './bundle-fixture.js';

const never = new AbortController().signal;
const script = join(projectRoot, 'harness/repro/bundle/run.sh');

t.test('run.sh is a POSIX script', async (t) => {
  await execa('sh', ['-n', script]);
  const written = join(t.testdir({}), 'run.sh');
  await writeFile(written, withFatalPatterns(await readFile(script, 'utf8')));
  await execa('sh', ['-n', written]);
  const { failed, code, stdout } = await execa('shellcheck', [script, written], { reject: false });
  if (code === 'ENOENT')
    t.pass('not run', { skip: 'lacks shellcheck: kmatrix doctor --install --group test' });
  else t.notOk(failed, stdout);
  const help = await execa('sh', [script, '--help']);
  t.match(help.stdout, /Exit status: 0 the report came again/);
  t.equal((await execa('sh', [script, '--what'], { reject: false })).exitCode, 2);
  t.equal((await execa('sh', [script, '--limit', 'x'], { reject: false })).exitCode, 2);
});

t.test('run.sh without QEMU says what to install', async (t) => {
  const env = { QEMU: 'no-such-qemu' };
  const { exitCode, stderr } = await execa('sh', [script], { reject: false, env });
  t.equal(exitCode, 3);
  t.match(stderr, /qemu-system-x86/);
});

t.test('run.sh knows the report again by its functions, and no other', async (t) => {
  const { report } = await madeUpRequest(t.testdir());
  const other = oops407
    .replaceAll('d_hash_and_lookup', 'ext4_readdir')
    .replaceAll('proc_flush_task', 'vfs_read');
  t.match(await runWith(t, oops407, report), { exitCode: 0, stderr: /the report came again/ });
  t.match(await runWith(t, other, report), { exitCode: 1, stderr: /another report came/ });
  t.match(await runWith(t, 'Linux version 3.2.71\n', report), {
    exitCode: 1,
    stderr: /ended without a report/,
  });
  t.match(await runWith(t, oops407, null), { exitCode: 1, stderr: /no functions to know its report by/ });
});

t.test('run.sh waits for no report of a program that crashed on purpose', async (t) => {
  const { report } = await madeUpRequest(t.testdir());
  const faults = fixtures.find(({ name }) => name === 'user-faults/today.txt')?.console ?? '';
  t.match(faults, /general protection fault/);
  t.match(await runWith(t, faults, report), { exitCode: 1, stderr: /ended without a report/ });
  t.match(await runWith(t, faults + oops407, report), { exitCode: 0, stderr: /the report came again/ });
});

t.test('run.sh tells a recording that differs from a host that is too slow for it', async (t) => {
  const told = (words: readonly string[], lines: readonly string[]) =>
    runWith(t, oops407, null, { recorded: oops407, words: ['--replay', ...words], lines });
  t.match(await told([], []), { exitCode: 0, stderr: /to the byte/ });
  t.match(await told([], ['echo more']), { exitCode: 1, stderr: /differs from the recording/ });
  t.match(await told(['--limit', '1'], ['exec sleep 60']), {
    exitCode: 3,
    stderr: /did not come to its end/,
  });
});

/** A bundle's own script with a QEMU that only prints a console. */
async function runWith(
  t: Test,
  console: string,
  report: Awaited<ReturnType<typeof madeUpRequest>>['report'],
  {
    recorded,
    words = [],
    lines = [],
  }: { recorded?: string; words?: readonly string[]; lines?: readonly string[] } = {},
) {
  const folder = await t.testdir({
    [`made ${++made}`]: { text: console, recorded: recorded ?? '', log: '', out: {} },
  });
  const own = join(folder, `made ${made}`);
  const request = await madeUpRequest(own);
  const recording = {
    ...{ log: join(own, 'log'), snapshots: join(own, 'log'), console: join(own, 'recorded') },
    ...{
      spec: { ...request.spec, shape: { cpus: 1, memoryMiB: 128 } },
      end: 'report',
      reports: [],
      seconds: 1,
      bytes: 1,
    },
    order: { workload: 'w', seed: 1, iterations: 1, time: 0, entropy: '0'.repeat(64), args: {} },
  } satisfies Recording;
  const file = join(own, 'b.tar.gz');
  await writeBundle({ ...request, report, ...(recorded !== undefined && { recording }) }, file, never);
  await execa('tar', ['-xf', file, '-C', join(own, 'out')]);
  const [name = ''] = await readdir(join(own, 'out'));
  const qemu = join(own, 'qemu');
  await writeFile(qemu, ['#!/bin/sh', `cat '${join(own, 'text')}'`, ...lines, ''].join('\n'));
  await chmod(qemu, 0o755);
  return await execa('sh', [join(own, 'out', name, 'run.sh'), ...words], {
    reject: false,
    env: { QEMU: qemu },
  });
}

let made = 0;
