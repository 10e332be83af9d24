import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { probeKvm } from '../../harness/vm/probe-kvm.js';
import { findQemu } from '../../harness/vm/qemu.js';
import { kmatrix } from '../cli/kmatrix.js';
import { hostOfSort, hostSorts } from '../stand-ins/stand-in.js';
import { oneKernelMatrix } from './one-kernel-matrix.js';

/** Rows of matrix.yml, so that the cache gets no other names; the second has a word that a stand-in's KVM stops at. */
const matrix = `${oneKernelMatrix}  debian-5.10-cloud:
    line: '5.10'
    flavour: debian
    verified: true
    bootArguments: [no-kvm]
    apt: {distribution: debian, suite: bullseye, package: linux-image-5.10.*-cloud-amd64}
workloads:
  burn: {program: burn, iterations: 2}
  calm: {program: burn, iterations: 1}
  lie: {program: control-lie, iterations: 10}
storage: {plain: {}}
boot: {default: []}
controls:
  quiet: {role: known-good, kernels: [debian-6.1-cloud], workload: calm, outcomes: [stable], because: nothing is wrong}
  lie: {role: known-bad, kernels: [debian-6.1-cloud], workload: lie, outcomes: [operation-failed], because: it did nothing}
expected: []
profiles: {smoke: {kernel: debian-6.1-cloud, workload: burn, storage: plain, boot: default}}
`;

/** Whether the probe passes there. */
const passes = (sort: Sort): boolean => sort === 'works' || !(hostSorts as readonly string[]).includes(sort);
type Sort = Parameters<typeof hostOfSort>[0];

/** A run under auto on a host of this sort. */
async function run(t: Test, sort: Sort, words: readonly string[] = []) {
  const folder = t.testdir({ out: {} });
  const [file, out] = [join(folder, 'matrix.yml'), join(folder, 'out')];
  await writeFile(file, matrix);
  // on a host so busy that five seconds aren't enough for a probe, what it finds is known by now
  const playsHost = { ...process.env, ...hostOfSort(sort) };
  t.intercept(process, 'env', { value: playsHost });
  const found = await probeKvm(await findQemu(), { deadlineSeconds: passes(sort) ? 600 : 2 });
  t.equal(found.works, passes(sort), found.reason);
  const own = ['run', '--matrix', file, '--out', out, '--jobs', '1', '--json'];
  const { exitCode, stdout, stderr } = await kmatrix([...own, ...words], { env: hostOfSort(sort) });
  t.comment(stderr);
  const [id = ''] = await readdir(out);
  const lines = async (name: string) =>
    (await readFile(join(out, id, name), 'utf8'))
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  const read = (name: string) => readFile(join(out, id, name), 'utf8');
  return {
    ...{ exitCode, stderr, read },
    summary: stdout === '' ? undefined : JSON.parse(stdout),
    // an event per cell says with which image it began
    sessions: (await lines('sessions.jsonl')).filter(({ type }) => type !== 'image'),
    attempts: await lines('attempts.jsonl'),
  };
}

for (const sort of hostSorts.filter((one) => !passes(one))) {
  t.test(`on a host that ${sort} all of it runs under TCG, in one session`, async (t) => {
    const { exitCode, stderr, summary, sessions, attempts } = await run(t, sort);
    t.equal(exitCode, 0);
    t.notMatch(stderr, 'dropped');
    t.match(summary.attempts, finishedAll);
    t.match(sessions, [{ type: 'began', id: '1', accelerator: { name: 'tcg' } }, { type: 'ended' }]);
    t.equal(attempts.length, 3);
  });
}

const finishedAll = { planned: 3, finished: 3, damaged: 0, unexpected: 0 };

t.test('a KVM that boots the known-good control’s kernel runs all of it, in one session', async (t) => {
  const { exitCode, stderr, summary, sessions, attempts } = await run(t, 'works');
  t.equal(exitCode, 0);
  t.notMatch(stderr, 'dropped');
  t.match(summary.attempts, finishedAll);
  t.match(sessions, [{ type: 'began', id: '1', accelerator: { name: 'kvm' } }, { type: 'ended' }]);
  t.same(
    attempts.map(({ session }) => session),
    ['1', '1', '1'],
  );
});

t.test(
  'a KVM that doesn’t, where TCG does, is dropped for the rest of the run, and counts nowhere',
  async (t) => {
    const { exitCode, stderr, summary, sessions, attempts, read } = await run(t, 'probe-only');
    t.equal(exitCode, 0);
    t.equal(
      stderr.match(/KVM is dropped and TCG is used for the rest of the run/g)?.length,
      1,
      'one line says so',
    );
    t.match(
      stderr,
      /debian-6\.1-cloud is never ready under KVM: .* before any kernel printed its version: .*Probing EDD/,
    );
    t.match(summary.attempts, finishedAll, 'what KVM did is no attempt of the table');
    t.match(sessions, [
      { type: 'began', id: '1', accelerator: { name: 'kvm' } },
      { type: 'discarded', id: '1', reason: /never ready under KVM/ },
      { type: 'ended', id: '1' },
      { type: 'began', id: '2', accelerator: { name: 'tcg', reason: /never ready under KVM/ } },
      { type: 'ended', id: '2' },
    ]);
    const [first, again, ...others] = attempts;
    t.match(first, {
      ...{ outcome: 'harness-error', session: '1' },
      key: { cell: 'debian-6.1-cloud/calm' },
    });
    t.match(again, { outcome: 'stable', session: '2', key: first.key }, 'the same attempt, under TCG');
    t.match(others, [{ session: '2' }, { session: '2' }], 'nothing else was asked of KVM');
    t.equal(others.length, 2);
    t.match(await read(first.console), 'Probing EDD', 'its console stays in the store');
    t.match(
      await read('table.md'),
      /, tcg \(debian-6\.1-cloud is never ready under KVM/,
      'the table says what it ran on',
    );
  },
);

t.test(
  'where the control’s kernel is ready neither way, the run ends at once, and says what to look at',
  async (t) => {
    const { exitCode, stderr, attempts } = await run(t, 'no-kernels', ['--attempts', '50']);
    t.equal(exitCode, 3);
    t.match(stderr, /debian-6\.1-cloud, becomes ready neither under KVM nor under TCG: .*Probing EDD/);
    t.match(stderr, /at .*consoles/);
    t.match(stderr, /kmatrix doctor/);
    t.equal(attempts.length, 2);
  },
);

t.test('another kernel that only TCG boots is a finding about its row', async (t) => {
  const { exitCode, stderr, summary, sessions, read } = await run(t, 'some-kernels', [
    '--kernel',
    'debian-*',
  ]);
  t.equal(exitCode, 1, 'its attempts count as they ended');
  t.equal(stderr.match(/debian-5\.10-cloud: boots under TCG, but not under KVM/g)?.length, 1);
  t.equal(sessions.filter(({ type }) => type === 'began').length, 1, 'KVM goes on');
  const rows = new Map(summary.kernels.map((kernel: { id: string }) => [kernel.id, kernel]));
  t.match(rows.get('debian-5.10-cloud'), { onlyTcgBoots: /Probing EDD/ });
  t.match(rows.get('debian-6.1-cloud'), { onlyTcgBoots: null });
  t.match(await read('table.md'), '| debian-5.10-cloud (boots under TCG only) |');
});
