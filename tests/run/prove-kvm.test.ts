import t from 'tap';
import { HostError, StartError } from '../../harness/errors.js';
import { RunStore } from '../../harness/results/index.js';
import { proveKvm } from '../../harness/run/prove-kvm.js';
import { RowsUnderKvm } from '../../harness/run/rows-under-kvm.js';
import type { Attempt, AttemptResult, RunEvent } from '../../harness/schedule/types.js';
import type { AcceleratorName } from '../../harness/vm/types.js';
import { aCell, anAttempt, aRun } from '../results/made-up-run.js';

const cell = aCell('debian-6.1', 'calm', { role: 'known-good' });
const key = { cell: cell.id, index: 0, seed: 1 };
const attempt: Attempt = {
  key,
  cell,
  image: {
    ...{ id: 'image', initramfs: '', modules: [] },
    kernel: { id: 'kernel', release: '6.1', folder: '', bzImage: '', provenance: '', seconds: 0 },
  },
};
const ready = anAttempt(cell.id, 0, 'stable', { start: 'cold', bootSeconds: 1 });
const notReady = anAttempt(cell.id, 0, 'harness-error', {
  ...{ start: 'cold', bootSeconds: null, reason: 'no kernel said its name' },
});
const { signal } = new AbortController();

type Ends = Record<AcceleratorName, AttemptResult | StartError>;

/** What is stored and said where the control's attempt ends so. */
async function prove(root: string, ends: Ends) {
  const run = { ...aRun([cell]), accelerator: { name: 'kvm', reason: 'its probe passed' } } as const;
  await using store = await RunStore.create(root, run);
  const events: RunEvent[] = [];
  const asked: string[] = [];
  const runnerUnder = (accelerator: AcceleratorName) => ({
    memoryMiB: () => 1,
    run: async ({ cell: { cold } }: Attempt) => {
      asked.push(`${accelerator}${cold ? ' cold' : ''}`);
      const end = ends[accelerator];
      if (end instanceof StartError) throw end;
      return { result: end, console: `${accelerator}'s console` };
    },
    [Symbol.asyncDispose]: async () => {},
  });
  const emit = (event: RunEvent): void => void events.push(event);
  const trial = { attempt, runnerUnder, store, emit, signal };
  const under = await proveKvm(trial).catch((error: unknown) => error);
  return {
    ...{ under, asked, finished: [...(await store.finished())] },
    said: events.map(({ type }) => type),
    sessions: store.sessions.map(({ id, accelerator, discarded }) => ({
      id,
      under: accelerator.name,
      discarded,
    })),
  };
}

t.test('where the control is ready under KVM, its attempt counts and TCG isn’t asked', async (t) => {
  const { under, asked, finished, said, sessions } = await prove(t.testdir({}), { kvm: ready, tcg: ready });
  t.equal(under, 'kvm');
  t.same(asked, ['kvm cold']);
  t.equal(finished.length, 1);
  t.same(said, ['attempt-started', 'attempt-finished']);
  t.same(sessions, [{ id: '1', under: 'kvm', discarded: null }]);
});

for (const [what, kvm] of [
  ['never ready', notReady],
  ['never started', new StartError('QEMU did not start: Device or resource busy')],
] as const) {
  t.test(`where it is ${what} under KVM, and ready under TCG, KVM is dropped`, async (t) => {
    const { under, finished, said, sessions } = await prove(t.testdir({}), { kvm, tcg: ready });
    t.equal(under, 'tcg');
    t.equal(finished.length, 1, 'TCG’s');
    t.same(said, ['attempt-started', 'kvm-dropped', 'attempt-finished']);
    t.match(sessions, [
      { id: '1', under: 'kvm', discarded: /^debian-6\.1 is never ready under KVM: / },
      { id: '2', under: 'tcg', discarded: null },
    ]);
  });
}

t.test('where it is ready under neither, the run ends', async (t) => {
  const { under, asked } = await prove(t.testdir({}), { kvm: notReady, tcg: notReady });
  if (!(under instanceof HostError)) return t.fail('no HostError');
  t.match(under.message, /debian-6\.1, is ready neither under KVM nor under TCG/);
  t.match(under.where, /consoles$/);
  t.match(under.remedy, /kmatrix doctor/);
  t.same(asked, ['kvm cold', 'tcg cold']);
});

t.test('a row whose kernel is never ready under KVM is looked at once under TCG', async (t) => {
  const findings: string[] = [];
  let looks = 0;
  const rows = (end: AttemptResult, bootsUnderTcg: boolean) =>
    new RowsUnderKvm(
      { memoryMiB: () => 1, run: async () => ({ result: end, console: '' }) },
      {
        bootsUnderTcg: async () => {
          looks += 1;
          return bootsUnderTcg;
        },
        onFinding: async (kernel, reason) => void findings.push(`${kernel}: ${reason}`),
      },
    );
  const options = { signal, onState: () => {} };
  const picky = rows(notReady, true);
  const ended = await Promise.all([picky.run(attempt, options), picky.run(attempt, options)]);
  t.match(ended, [{ result: notReady }, { result: notReady }], 'they count as they ended');
  t.same([looks, findings], [1, ['debian-6.1: no kernel said its name']]);
  await rows(notReady, false).run(attempt, options);
  await rows(ready, true).run(attempt, options);
  t.same([looks, findings.length], [2, 1], 'one that boots nowhere, and one that boots, are none');
});
