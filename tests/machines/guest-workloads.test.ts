import { once } from 'node:events';
import t from 'tap';
import { guestMachine, type order, runWorkload } from './guest-machine.js';

t.test('workloads run one after another in one machine, each to an end of its own', async (t) => {
  await using guest = await guestMachine(t);
  t.same(guest.ready.moduleFailures, []);
  const run = async (...words: Parameters<typeof order>) => (await runWorkload(guest, ...words)).done;
  t.match(await run('burn', 5), { status: 'passed', iterations: 5, stopped: false });
  t.match(await run('pidns-exec', 5, { arm: 'thread' }), { status: 'passed', iterations: 5 });
  t.match(await run('pidns-exec', 5, { arm: 'leader' }), { status: 'passed', iterations: 5 });
  t.match(await run('pidns-exec', 1, { arm: 'none' }), { status: 'failed', reason: /arm is/ });
  t.match(await run('pidns-exec', 6, { containers: 3, refused: 1, churn: 1 }), {
    status: 'passed',
    iterations: 6,
  });
  t.match(await run('pidns-reap', 2, { arm: 'ignore' }), { status: 'passed', iterations: 2 });
  t.match(await run('pidns-reap', 2, { arm: 'default', refused: 1 }), { status: 'passed', iterations: 2 });
  t.match(await run('pidns-reap', 1, { arm: 'none' }), { status: 'failed', reason: /arm is/ });
  t.match(await run('docker-2013', 4, { restart_seconds: 1 }), { status: 'passed' });
  t.match(await run('docker-2013', 2, { threads: 1, busy: 0 }), { status: 'passed', iterations: 2 });
  t.match(await run('lifecycle', 2), { status: 'passed', iterations: 2, reason: '' });
  t.match(await run('lifecycle', 1, { storage: 'aufs' }), { status: 'unsupported', reason: /aufs/ });
  t.match(await run('control-killed', 1), { status: 'killed', signal: 9, iterations: 0 });
  t.match(await run('control-lie', 3), { status: 'passed', iterations: 0 });
  t.match(await run('no-such', 1), { status: 'failed', exitStatus: 127, reason: /No such file/ });
  t.equal(guest.session.garbledFrames, 0);
  guest.session.poweroff();
  t.equal((await guest.machine.exit).how, 'done');
});

/** Each step of a container that `break=` leaves out, and the words of the self-check that must notice. */
const broken = {
  pid: /^pid in the container is \d+, not 1$/,
  uts: /^the host's name became km\d+n0$/,
  ipc: /^the host's shared memory segment is visible in the container$/,
  net: /^the host's hkm\d+n0 is visible in the container$/,
  pivot: /^the old root is reachable in the container$/,
  cgroup: /^the group in \S+ does not contain the container$/,
  veth: /^ckm\d+n0 did not arrive in the container$/,
  // last: what it mounts stays in the machine's own mount table
  mount: /^the container's root is in the host's mount table$/,
} as const;

t.test('a container without one of its steps is noticed; a whole one passes before and after', async (t) => {
  await using guest = await guestMachine(t);
  const whole = { status: 'passed', iterations: 1, reason: '' };
  t.match((await runWorkload(guest, 'lifecycle', 1)).done, whole);
  for (const [step, reason] of Object.entries(broken)) {
    const { done } = await runWorkload(guest, 'lifecycle', 1, { break: step });
    t.match(done, { status: 'failed', iterations: 0, reason }, step);
  }
  t.match((await runWorkload(guest, 'lifecycle', 1)).done, whole);
});

/** The same for docker-2013, which has no cgroups and no network of its own. */
const dockerBroken = {
  pid: /^pid in the container is \d+, not 1$/,
  ipc: /^the host's shared memory segment is visible in the container$/,
  net: /^the host's hkmdocker is visible in the container$/,
  pivot: /^the old root is reachable in the container$/,
  uts: /^the host's name became km\d+$/,
} as const;

t.test('a broken container of docker-2013 is noticed, whichever daemon started it', async (t) => {
  await using guest = await guestMachine(t);
  for (const [step, reason] of Object.entries(dockerBroken)) {
    const { done } = await runWorkload(guest, 'docker-2013', 1, { break: step });
    t.match(done, { status: 'failed', iterations: 0, reason }, step);
  }
  t.match((await runWorkload(guest, 'docker-2013', 1)).done, { status: 'passed', iterations: 1 });
});

t.test('a kernel without veth is unsupported, not failed', async (t) => {
  await using guest = await guestMachine(t, []);
  for (const workload of ['lifecycle', 'netns-churn', 'docker-2013']) {
    t.match((await runWorkload(guest, workload, 1)).done, { status: 'unsupported', reason: /^veth: / });
  }
});

t.test('churned namespaces are counted until the last is cleaned up', async (t) => {
  await using guest = await guestMachine(t);
  const { done, frames } = await runWorkload(guest, 'netns-churn', 20, { holders: 4 });
  t.match(done, { status: 'passed', iterations: 20 });
  const samples = new Map(
    frames.flatMap((frame) => (frame.type === 'sample' ? [[frame.name, frame.value]] : [])),
  );
  t.ok(Number(samples.get('netns-backlog-at-end')) <= 20);
  t.ok(Number(samples.get('netns-drain-seconds')) >= 0);
  t.notOk(
    frames.some((frame) => frame.type === 'note' && /still there/.test(frame.text)),
    'none is left',
  );
});

t.test('stop ends a workload after its iteration', async (t) => {
  await using guest = await guestMachine(t);
  const ended = runWorkload(guest, 'burn', 0);
  await once(guest.session, 'frame');
  guest.session.stop();
  t.match((await ended).done, { status: 'passed', stopped: true });
});
