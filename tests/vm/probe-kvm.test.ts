import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { chooseAccelerator } from '../../harness/vm/accelerator.js';
import { type KvmAnswer, probeKvm } from '../../harness/vm/probe-kvm.js';
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
    const chosen = await chooseAccelerator(await findQemu(), 'auto', async (qemu) => {
      answer = await probeKvm(qemu, deadlineSeconds);
      return answer;
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
  refuses: { name: 'tcg', reason: /did not run the probe guest: .*KVM_CREATE_VM/, source: 'remembered' },
  hangs: {
    name: 'tcg',
    reason: new RegExp(`not an instruction ran; TCG runs all of it, ${figure} per round$`),
    source: 'probe',
  },
  'first-instructions': {
    name: 'tcg',
    reason: new RegExp(`real mode ran, protected mode never came; TCG runs all of it, ${figure} per round$`),
    source: 'probe',
  },
  slow: {
    name: 'tcg',
    reason: new RegExp(`not through .* within 2 s: .*TCG runs all of it, ${figure} per round$`),
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
    const { chosen, answer } = await auto(deadlineSeconds(sort));
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
