import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { chooseAccelerator } from '../../harness/vm/accelerator.js';
import { type KvmAnswer, probeKvm, verdictOf } from '../../harness/vm/probe-kvm.js';
import { findQemu } from '../../harness/vm/qemu.js';
import { forgetProbes } from '../../harness/vm/remembered-probe.js';
import { type HostSort, hostOfSort, hostSorts } from '../stand-ins/stand-in.js';

/** Plays a host of this sort with a cache of its own. */
function onHost(t: Test, sort: HostSort) {
  const cache = t.testdir({ accelerator: {} });
  t.intercept(process, 'env', { value: { ...process.env, ...hostOfSort(sort), KMATRIX_CACHE: cache } });
  const findings = async () =>
    (await readdir(join(cache, 'accelerator'))).filter((name) => name.endsWith('.json'));
  const auto = async (deadlineSeconds?: number) => {
    let answer: KvmAnswer | undefined;
    const chosen = await chooseAccelerator(await findQemu(), 'auto', {
      probe: async (qemu) => {
        answer = await probeKvm(qemu, { deadlineSeconds });
        return answer;
      },
    });
    t.comment(chosen.reason);
    return { chosen, answer };
  };
  return { auto, findings };
}

interface Expected {
  readonly name: 'kvm' | 'tcg';
  readonly reason: RegExp;
  readonly source: KvmAnswer['source'];
}

const figure = /\d+(?:\.\d+)? ms/.source;

const expected: Record<HostSort, Expected> = {
  'no-device': { name: 'tcg', reason: /^\/dev\/no-kvm is absent$/, source: 'device' },
  'no-permission': { name: 'tcg', reason: /is not open to this user \(group kvm\)$/, source: 'device' },
  refuses: { name: 'tcg', reason: /did not run the probe guest: .*failed to set MSR/, source: 'remembered' },
  busy: { name: 'tcg', reason: /did not run the probe guest: .*resource busy$/, source: 'probe' },
  hangs: {
    name: 'tcg',
    reason: new RegExp(`not one instruction ran; TCG runs all of it, ${figure} per round$`),
    source: 'probe',
  },
  'first-instructions': {
    name: 'tcg',
    reason: new RegExp(`real mode ran, protected mode never came; TCG runs all of it, ${figure} per round$`),
    source: 'probe',
  },
  slow: {
    name: 'tcg',
    reason: new RegExp(
      `KVM did not finish the probe guest within 2 s: .*TCG runs all of it, ${figure} per round$`,
    ),
    source: 'probe',
  },
  slower: {
    name: 'tcg',
    reason: new RegExp(`loop takes KVM ${figure} per round, TCG ${figure}$`),
    source: 'remembered',
  },
  works: {
    name: 'kvm',
    reason: new RegExp(`loop takes KVM ${figure} per round, TCG ${figure}$`),
    source: 'remembered',
  },
};

/** Too short for what is a thousand times slower; not for what is several times slower, on a busy host. */
const deadlineSeconds = (sort: HostSort): number => (sort === 'slower' || sort === 'works' ? 60 : 2);

for (const sort of hostSorts) {
  t.test(`auto on a host that ${sort}`, async (t) => {
    const { auto, findings } = onHost(t, sort);
    let { chosen, answer } = await auto(deadlineSeconds(sort));
    // on a busy host this process may be kept from seeing its lines come: that is asked again, and so it is here
    for (let tries = 1; tries < 5 && (answer?.kvmMs === 0 || answer?.tcgMs === 0); tries++)
      ({ chosen, answer } = await auto(deadlineSeconds(sort)));
    const { name, reason, source } = expected[sort];
    t.equal(chosen.name, name);
    t.match(chosen.reason, reason);
    t.equal(answer?.source, source);
    t.equal((await findings()).length, source === 'remembered' ? 1 : 0, 'in the cache');
  });
}

t.test('what was found is known again, until it is forgotten', async (t) => {
  const { auto, findings } = onHost(t, 'refuses');
  const first = await auto();
  const second = await auto();
  t.strictSame(second.answer, first.answer, 'the same finding, of the same moment');
  t.equal(await forgetProbes(), 1);
  t.same(await findings(), []);
  t.not((await auto()).answer?.at, first.answer?.at);
});

t.test('what a busy host did not get through in time is asked again', async (t) => {
  const { auto } = onHost(t, 'works');
  t.match((await auto(0.001)).chosen, { name: 'tcg' });
  t.match((await auto(60)).chosen, { name: 'kvm' });
});

t.test('what TCG was not through with, and what came all at once, is no figure to remember', async (t) => {
  const done = (roundMs: number) => ({ end: 'done', roundMs }) as const;
  const stuck = { end: 'timed-out', stopped: 'the timed loop was in round 3' } as const;
  const refused = (isDefinite: boolean) => ({ end: 'refused', why: 'no TCG in it', isDefinite }) as const;
  for (const [kvm, tcg, works, isDefinite, reason] of [
    [done(2), stuck, true, false, /; TCG did not finish it within 30 s: the timed loop was in round 3$/],
    [done(2), refused(true), true, true, /; TCG did not run it: no TCG in it$/],
    [done(2), refused(false), true, false, /no TCG in it$/],
    [done(2), done(25), true, true, /takes KVM 2 ms per round, TCG 25 ms$/],
    [done(30), done(25), false, false, /TCG 25 ms$/],
    [done(60), done(25), false, true, /TCG 25 ms$/],
    [done(60), done(0), false, false, /TCG 0 ms$/],
    [done(0), done(25), true, false, /KVM 0 ms/],
    [refused(false), null, false, false, /^KVM did not run the probe guest: no TCG in it$/],
  ] as const)
    t.match(verdictOf(kvm, tcg, 5), { works, isDefinite, reason });
});
