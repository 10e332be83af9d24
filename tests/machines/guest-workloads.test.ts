import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { AgentSession, type DoneFrame, type GuestFrame } from '../../harness/guest/index.js';
import { type CpioEntry, writeCpio } from '../../harness/images/cpio.js';
import { buildGuest } from '../../harness/images/guest-build.js';
import { Machine } from '../../harness/vm/index.js';
import { testMachine } from './vm-fixture.js';

/** The guest as it is, without modules: what the distribution kernel has built in must do. */
async function guestMachine(t: Test) {
  const folder = t.testdir();
  const { agent, workloads } = await buildGuest();
  const files = [
    ['init', agent] as const,
    ...[...workloads].map(([name, path]) => [`workloads/${name}`, path] as const),
  ];
  const folders = ['proc', 'sys', 'dev', 'tmp', 'run', 'mnt', 'cgroup', 'workloads', 'modules'];
  const entries: CpioEntry[] = [
    ...folders.map((path) => ({ type: 'folder' as const, path })),
    { type: 'device', path: 'dev/console', major: 5, minor: 1 },
    { type: 'device', path: 'dev/null', major: 1, minor: 3 },
  ];
  for (const [path, source] of files)
    entries.push({ type: 'file', path, bytes: await readFile(source), executable: true });
  const spec = await testMachine(folder, 'sleep');
  const initramfs = join(folder, 'guest.cpio');
  await writeFile(initramfs, writeCpio(entries));
  const machine = await Machine.start({ ...spec, initramfs, bootArguments: [] });
  const session = new AgentSession(machine.channel);
  t.match(await session.ready(), { protocol: 1, moduleFailures: [] });
  return { machine, session };
}

/** Starts a workload and gives its own end, one after another in the same machine. */
async function run(
  session: AgentSession,
  workload: string,
  iterations: number,
  args: Record<string, string> = {},
): Promise<DoneFrame> {
  session.start({ workload, iterations, args, seed: 7, time: Date.now() / 1000, entropy: '00'.repeat(32) });
  for (;;) {
    const [frame] = (await once(session, 'frame')) as [GuestFrame];
    if (frame.type === 'done') return frame;
  }
}

t.test('workloads run one after another in one machine, each to an end of its own', async (t) => {
  const { machine, session } = await guestMachine(t);
  await using _ = machine;
  t.match(await run(session, 'burn', 5), { status: 'passed', iterations: 5, stopped: false });
  t.match(await run(session, 'pidns-teardown', 5, { arm: 'thread' }), { status: 'passed', iterations: 5 });
  t.match(await run(session, 'pidns-teardown', 5, { arm: 'leader' }), { status: 'passed', iterations: 5 });
  t.match(await run(session, 'pidns-teardown', 1, { arm: 'none' }), { status: 'failed', reason: /arm is/ });
  t.match(await run(session, 'lifecycle', 1, { storage: 'aufs' }), { status: 'unsupported', reason: /aufs/ });
  t.match(await run(session, 'control-killed', 1), { status: 'killed', signal: 9, iterations: 0 });
  t.match(await run(session, 'control-lie', 3), { status: 'passed', iterations: 0 });
  t.match(await run(session, 'no-such', 1), { status: 'failed', exitStatus: 127, reason: /No such file/ });
  t.equal(session.garbledFrames, 0);
  session.poweroff();
  t.equal((await machine.exit).how, 'done');
});

for (const [step, reason] of [
  ['pid', /^pid in the container is \d+, not 1$/],
  ['cgroup', /does not contain the container/],
] as const) {
  t.test(`a container without its ${step} step is noticed`, async (t) => {
    const { machine, session } = await guestMachine(t);
    await using _ = machine;
    const done = await run(session, 'lifecycle', 1, { break: step });
    // a kernel whose veth is a module that was not loaded says so before the pid is looked at
    if (done.status === 'unsupported') t.match(done.reason, /veth/);
    else t.match(done, { status: 'failed', reason });
  });
}

t.test('stop ends a workload after its iteration', async (t) => {
  const { machine, session } = await guestMachine(t);
  await using _ = machine;
  const ended = run(session, 'burn', 0);
  await once(session, 'frame');
  session.stop();
  t.match(await ended, { status: 'passed', stopped: true });
});
