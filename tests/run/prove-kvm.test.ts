import t from 'tap';
import { neverReady } from '../../harness/attempt/attempt-result.js';
import type { Attempt, AttemptResult } from '../../harness/attempt/types.js';
import { HostError, StartError } from '../../harness/errors.js';
import type { Cell } from '../../harness/matrix/types.js';
import { RunStore } from '../../harness/results/run-store.js';
import { kvmTrial, type OnTrial } from '../../harness/run/kvm-trial.js';
import { proveKvm } from '../../harness/run/prove-kvm.js';
import { RowsUnderKvm } from '../../harness/run/rows-under-kvm.js';
import type { RunEvent } from '../../harness/schedule/types.js';
import type { AcceleratorName } from '../../harness/vm/types.js';
import { anAxisRow } from '../matrix/axis-row.js';
import { aCell, anAttempt, aRun } from '../results/made-up-run.js';

const cell = aCell('debian-6.1', 'calm', { role: 'known-good' });
const other = aCell('vanilla-3.2', 'burn');
const key = { cell: cell.id, index: 0, seed: 1 };
const attempt: Attempt = {
  key,
  cell,
  image: { id: 'image', kernel: { id: 'kernel', release: '6.1' } },
};
const ready = anAttempt(cell.id, 0, 'stable', { start: 'cold', bootSeconds: 1 });
const notReady = anAttempt(cell.id, 0, 'harness-error', {
  ...{ start: 'cold', bootSeconds: null, reason: 'no kernel printed its version' },
});
const { signal } = new AbortController();

type Ends = Record<AcceleratorName, AttemptResult | StartError>;

interface Circumstances extends Partial<Omit<OnTrial, 'attempt'>> {
  /** Another attempt that an earlier session made under KVM. */
  readonly earlier?: boolean;
  /** What the run is interrupted by before this accelerator is tried. */
  readonly interruptedBefore?: AcceleratorName;
}

/** What is stored and said where the machine on trial ends so. */
async function prove(
  root: string,
  ends: Ends,
  { earlier = false, isKnownGood = true, isRecorded = true, interruptedBefore }: Circumstances = {},
) {
  const run = { ...aRun([cell, other]), accelerator: { name: 'kvm', reason: 'its probe passed' } } as const;
  await using store = await RunStore.create(root, run);
  if (earlier) {
    await store.append(anAttempt(other.id, 0, 'stable'), '');
    await store.beginSession(run);
  }
  const events: RunEvent[] = [];
  const asked: string[] = [];
  const ask = (accelerator: AcceleratorName, how: string): AttemptResult => {
    if (accelerator === interruptedBefore) throw new Error('interrupted');
    asked.push(`${accelerator}${how}`);
    const end = ends[accelerator];
    if (end instanceof StartError) throw end;
    return end;
  };
  const runnerUnder = (accelerator: AcceleratorName) => ({
    memoryMiB: () => 1,
    run: async ({ cell: { cold } }: Attempt) => ({
      result: ask(accelerator, cold ? ' cold' : ''),
      console: `${accelerator}'s console`,
    }),
    [Symbol.asyncDispose]: async () => {},
  });
  const emit = (event: RunEvent): void => void events.push(event);
  const proven = await proveKvm({
    ...{ runnerUnder, store, emit, signal },
    trial: { attempt, isKnownGood, isRecorded },
    boots: async (_attempt, accelerator) => !neverReady(ask(accelerator, ' boot')),
  }).catch((error: unknown) => error);
  return {
    ...{ proven, asked, finished: [...(await store.finished())] },
    said: events.map(({ type }) => type),
    sessions: store.sessions.map(({ id, accelerator, discarded }) => ({
      id,
      under: accelerator.name,
      discarded,
    })),
  };
}

const kvmIsDiscarded = { id: '1', under: 'kvm', discarded: /^debian-6\.1 is never ready under KVM/ };

t.test('where the control is ready under KVM, its attempt counts and TCG isn’t asked', async (t) => {
  const { proven, asked, finished, said, sessions } = await prove(t.testdir({}), { kvm: ready, tcg: ready });
  t.same(proven, { under: 'kvm', isProven: true });
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
    const { proven, finished, said, sessions } = await prove(t.testdir({}), { kvm, tcg: ready });
    t.same(proven, { under: 'tcg', isProven: true });
    t.equal(finished.length, 1, 'TCG’s');
    t.same(said, ['attempt-started', 'kvm-dropped', 'attempt-finished']);
    t.match(sessions, [kvmIsDiscarded, { id: '2', under: 'tcg', discarded: null }]);
  });
}

t.test('where it is ready under neither, the run ends, and nothing of it counts', async (t) => {
  const { proven, asked, finished, sessions } = await prove(t.testdir({}), { kvm: notReady, tcg: notReady });
  if (!(proven instanceof HostError)) return t.fail('no HostError');
  t.match(proven.message, /debian-6\.1, becomes ready neither under KVM nor under TCG/);
  t.match(proven.where, /consoles$/);
  t.match(proven.remedy, /kmatrix doctor/);
  t.same(asked, ['kvm cold', 'tcg cold']);
  t.same(finished, [], 'resumed, the control runs again');
  t.match(sessions, [
    kvmIsDiscarded,
    { id: '2', under: 'tcg', discarded: /neither under KVM nor under TCG/ },
  ]);
});

t.test(
  'what failed under KVM counts nowhere, although the run is interrupted before TCG’s turn',
  async (t) => {
    const { proven, finished, sessions } = await prove(
      t.testdir({}),
      { kvm: notReady, tcg: ready },
      { interruptedBefore: 'tcg' },
    );
    t.match(proven, { message: 'interrupted' });
    t.same(finished, []);
    t.match(sessions, [kvmIsDiscarded]);
  },
);

t.test('a run with attempts under a KVM that was sound goes on under it, or not at all', async (t) => {
  for (const isRecorded of [true, false]) {
    const circumstances = { earlier: true, isRecorded };
    const sound = await prove(t.testdir({}), { kvm: ready, tcg: ready }, circumstances);
    t.same(sound.proven, { under: 'kvm', isProven: true });
    const { proven, asked, finished, sessions } = await prove(
      t.testdir({}),
      { kvm: notReady, tcg: ready },
      circumstances,
    );
    if (!(proven instanceof HostError)) return t.fail('no HostError');
    t.match(
      proven.message,
      /attempts so far were made under KVM, and now debian-6\.1 is never ready under KVM/,
    );
    t.match(proven.remedy, /resume where KVM works, or start a new run/);
    t.equal(asked.length, 1, 'TCG has no turn');
    t.equal(finished.length, 1, 'the earlier one');
    t.match(sessions, [
      { id: '1', discarded: null },
      { id: '2', discarded: /never ready/ },
    ]);
  }
});

t.test(
  'in a run without a control any kernel is tried, and none of its attempts is made for that',
  async (t) => {
    const without = { isKnownGood: false, isRecorded: false };
    const dropped = await prove(t.testdir({}), { kvm: notReady, tcg: ready }, without);
    t.same(dropped.proven, { under: 'tcg', isProven: true });
    t.same([dropped.finished, dropped.asked, dropped.said], [[], ['kvm boot', 'tcg boot'], ['kvm-dropped']]);
    t.match(dropped.sessions, [kvmIsDiscarded, { id: '2', under: 'tcg', discarded: null }]);
    const nowhere = await prove(t.testdir({}), { kvm: notReady, tcg: notReady }, without);
    t.same(nowhere.proven, { under: 'kvm', isProven: false }, 'its own kernel may be what is broken');
    t.match(nowhere.sessions, [{ id: '1', discarded: null }]);
  },
);

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
  await using picky = rows(notReady, true);
  const ended = await Promise.all([picky.run(attempt, options), picky.run(attempt, options)]);
  t.match(ended, [{ result: notReady }, { result: notReady }], 'they count as they ended');
  await picky.settled();
  t.same([looks, findings], [1, ['debian-6.1: no kernel printed its version']]);
  const poisoned = {
    ...attempt,
    cell: {
      ...cell,
      axes: {
        ...cell.axes,
        'kernel-arguments': anAxisRow('poisoned', { kernelArguments: ['slub_debug=FZP'] }),
      },
    },
  };
  await picky.run(poisoned, options);
  await picky.settled();
  t.same([looks, findings.length], [2, 1], 'other kernel arguments are looked at; the row has its finding');
  for (const [end, boots] of [
    [notReady, false],
    [ready, true],
  ] as const) {
    await using sound = rows(end, boots);
    await sound.run(attempt, options);
    await sound.settled();
  }
  t.same([looks, findings.length], [3, 1], 'one that boots nowhere, and one that boots, are none');
});

t.test('an attempt isn’t held back by the look at its kernel, which ends with the run', async (t) => {
  let ended = false;
  {
    await using rows = new RowsUnderKvm(
      { memoryMiB: () => 1, run: async () => ({ result: notReady, console: '' }) },
      {
        bootsUnderTcg: (_attempt, ends) =>
          new Promise((_resolve, reject) => {
            ends.addEventListener('abort', () => {
              ended = true;
              reject(ends.reason);
            });
          }),
        onFinding: async () => void t.fail('nothing was found'),
      },
    );
    t.match(await rows.run(attempt, { signal, onState: () => {} }), { result: notReady });
    t.notOk(ended);
  }
  t.ok(ended);
});

t.test('what is put on trial: a control that is left, one that is finished, the first attempt', async (t) => {
  const cells = new Map([cell, other].map((one) => [one.id, one]));
  const prepare = async ({ id }: Cell) =>
    id === missing ? { unavailable: 'gone' } : { image: attempt.image };
  let missing = '';
  const trialOf = async (...ids: string[]) => {
    const keys = ids.map((id) => ({ cell: id, index: 0, seed: 1 }));
    const trial = await kvmTrial({ cells, keys }, { prepare }, signal);
    return trial && [trial.attempt.cell.id, trial.isKnownGood, trial.isRecorded];
  };
  t.same(await trialOf(other.id, cell.id), [cell.id, true, true]);
  t.same(await trialOf(other.id), [cell.id, true, false]);
  t.equal(await trialOf(), undefined);
  missing = cell.id;
  t.same(await trialOf(other.id, cell.id), [other.id, false, false]);
});
