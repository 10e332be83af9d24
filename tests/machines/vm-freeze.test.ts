import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { availableParallelism, constants, setPriority } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { askTasks } from '../../harness/vm/ask-tasks.js';
import { hostClock } from '../../harness/vm/deadline.js';
import { confirmFrozen } from '../../harness/vm/freeze.js';
import { Machine } from '../../harness/vm/machine.js';
import { type GuestMachine, guestMachine } from './guest-machine.js';
import { consoleSays } from './vm-console.js';
import { testMachine } from './vm-fixture.js';

t.test('registers, NMI and SysRq of a running kernel', async (t) => {
  await using machine = await Machine.start(await testMachine(t.testdir(), 'sleep'));
  await consoleSays(machine, 'init is up');
  t.equal(await machine.isRunning(), true);
  const { cpus } = await machine.registers();
  t.equal(cpus.length, 2);
  for (const { rip } of cpus) t.match(rip, /^[0-9a-f]{16}$/);
  await machine.nmi();
  await consoleSays(machine, 'NMI received');
  await machine.sysrq('w');
  await consoleSays(machine, 'Show Blocked State');
});

t.test('a kernel whose user space is silent answers SysRq; a beat makes it slow', async (t) => {
  await using machine = await Machine.start(await testMachine(t.testdir(), 'sleep'));
  await consoleSays(machine, 'init is up');
  const clock = machine.clock();
  const askedAt = clock.now();
  const silent = await confirmFrozen(machine, { beats: () => 0, clock });
  t.match(silent, { verdict: 'answers-sysrq', frozen: true });
  t.ok(clock.now() - askedAt < 10_000, `${clock.now() - askedAt} ms of the machine's`);
  t.match(silent.text, /CPU 0: RIP .*SysRq l:.*SysRq w:.*SysRq t:.*NMI:/s);
  let beats = 0;
  t.match(await confirmFrozen(machine, { beats: () => beats++ }), { verdict: 'slow', frozen: false });
});

t.test('a kernel that lives tells what its tasks wait for, and goes on', async (t) => {
  await using machine = await Machine.start(await testMachine(t.testdir(), 'sleep'));
  await consoleSays(machine, 'init is up');
  const text = await askTasks(machine);
  t.match(text, /SysRq w:.*Show Blocked State.*SysRq t:.*Show State.*\binit\b.*Call Trace:/s);
  t.notMatch(text, 'no answer');
  t.equal(await machine.isRunning(), true);
  await machine.end();
  t.match(await askTasks(machine), /could not be asked/, 'one that ended doesn’t');
});

t.test('a machine that halts with interrupts off is dead', async (t) => {
  // hlt for ever, no kernel, nobody who answers
  const folder = t.testdir({ firmware: Buffer.alloc(64 * 1024, 0xf4) });
  const firmware = join(folder, 'firmware');
  const spec = await testMachine(folder, 'sleep');
  await using machine = await Machine.start(spec, { extraArguments: ['-bios', firmware] });
  // on a busy host its five bytes of code may not have run yet
  while ((await machine.registers()).cpus[0]?.halted !== true);
  const clock = machine.clock();
  const askedAt = clock.now();
  const evidence = await confirmFrozen(machine, { beats: () => 0, clock });
  t.ok(clock.now() - askedAt < 10_000, `${clock.now() - askedAt} ms of the machine's`);
  t.match(evidence, { verdict: 'dead', frozen: true });
  t.notMatch(evidence.text, 'SysRq w', 'what takes no key is not asked for another');
  t.match(evidence.text, /CPU 0: RIP .*same as before.*halted, interrupts off/);
});

t.test('a guest that QEMU holds still, or that has ended, is not frozen', async (t) => {
  await using machine = await Machine.start(await testMachine(t.testdir(), 'sleep'));
  await machine.qmp.execute('stop');
  t.match(await confirmFrozen(machine, { beats: () => 0 }), { verdict: 'paused', frozen: false });
  await machine.end();
  t.match(await confirmFrozen(machine, { beats: () => 0 }), { verdict: 'ended', frozen: false });
});

/** As a run's machine, whose heartbeat is what tells. */
const beatsOf = ({ session }: GuestMachine) => ({ beats: () => session.beats.count });

t.test('a machine whose process was stopped while it was looked at is slow', async (t) => {
  await using guest = await guestMachine(t, []);
  const { machine } = guest;
  const { pid } = machine;
  if (pid === undefined) return t.fail('no process');
  const nmi = machine.nmi.bind(machine);
  // from the last question on, for longer than an answer is waited for; what counts is what comes after that
  let before = Number.POSITIVE_INFINITY;
  machine.nmi = async () => {
    await nmi();
    process.kill(pid, 'SIGSTOP');
    hostClock.alarm(8000, () => {
      before = guest.session.beats.count;
      process.kill(pid, 'SIGCONT');
    });
  };
  const beats = () => Math.max(0, guest.session.beats.count - before);
  t.match(await confirmFrozen(machine, { beats }), { verdict: 'slow', frozen: false });
});

t.test('a machine whose host runs others instead is not frozen', async (t) => {
  await using guest = await guestMachine(t, []);
  const { pid } = guest.machine;
  const threads = (await readdir(`/proc/${pid}/task`)).map(Number);
  for (const thread of threads) setPriority(thread, constants.priority.PRIORITY_LOW);
  const spinners = Array.from({ length: 8 * availableParallelism() }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore', detached: true }),
  );
  const end = () => {
    for (const spinner of spinners) spinner.kill('SIGKILL');
  };
  t.teardown(end);
  // longer than a look may take by the machine's own clock
  hostClock.alarm(12_000, end);
  const found = await confirmFrozen(guest.machine, beatsOf(guest));
  t.notOk(found.frozen, found.verdict);
});
