import { spawn } from 'node:child_process';
import process from 'node:process';
import t from 'tap';
import { awaitProgress, hostClock } from '../../harness/vm/deadline.js';
import { MachineClock } from '../../harness/vm/machine-clock.js';
import { Starvation } from '../../harness/vm/starvation.js';
import { fakeClock } from './fake-clock.js';

const never = new Promise<never>(() => {});
const limits = { totalSeconds: 10, quietSeconds: 10 };

/** A machine from which the host takes a share of the time, or all of it. */
function played(clock: { now(): number }) {
  let share = 0;
  let held = false;
  let askedAt = clock.now();
  return {
    take: (of: number | 'held') => {
      held = of === 'held';
      share = of === 'held' ? 0 : of;
    },
    hindrance: {
      since: () => {
        const passed = (clock.now() - askedAt) / 1000;
        askedAt = clock.now();
        return passed * share;
      },
      isHeld: () => held,
    },
  };
}

t.test('a machine that has its host to itself goes by its host’s clock', async (t) => {
  const { clock, run, alarms } = fakeClock();
  const own = new MachineClock(played(clock).hindrance, { host: clock });
  const waited = awaitProgress(never, () => 0, limits, { clock: own });
  run(9.9);
  t.equal(alarms.size, 1);
  run(0.2);
  t.match(await waited, { end: 'deadline', seconds: 10 });
  t.equal(own.isSpent, false);
});

t.test('what the host took is no time of the machine’s', async (t) => {
  const { clock, run } = fakeClock();
  const machine = played(clock);
  machine.take(0.75);
  const own = new MachineClock(machine.hindrance, { host: clock });
  let ended = false;
  const waited = awaitProgress(never, () => 0, limits, { clock: own }).then((how) => {
    ended = true;
    return how;
  });
  run(39);
  await new Promise(setImmediate);
  t.notOk(ended, 'it had less than 10 s of 39');
  run(1.5);
  t.match(await waited, { end: 'deadline' });
  t.ok(clock.now() > 39_900, `${clock.now()}`);
});

t.test('a machine that was stopped for a while had none of it', async (t) => {
  const { clock, run } = fakeClock();
  const machine = played(clock);
  const own = new MachineClock(machine.hindrance, { host: clock });
  const waited = awaitProgress(never, () => 0, limits, { clock: own });
  run(5);
  machine.take('held');
  run(30);
  t.ok(own.now() < 5300, `${own.now()}`);
  machine.take(0);
  run(5.6);
  t.match(await waited, { end: 'deadline' });
});

t.test('a host that never lets it run is not waited for for ever, and it shows', async (t) => {
  const { clock, run } = fakeClock();
  const machine = played(clock);
  machine.take(1);
  const own = new MachineClock(machine.hindrance, { host: clock });
  const waited = awaitProgress(never, () => 0, limits, { clock: own });
  run(71);
  t.match(await waited, { end: 'deadline' });
  t.equal(own.isSpent, true);
});

t.test('a process that was stopped is held, and one that goes on is not', async (t) => {
  const child = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
  t.teardown(() => child.kill('SIGKILL'));
  const starvation = new Starvation(child.pid);
  const state = async (held: boolean) => {
    while (starvation.isHeld() !== held) await new Promise(setImmediate);
  };
  await state(false);
  child.kill('SIGSTOP');
  await state(true);
  const own = new MachineClock(starvation);
  const before = own.now();
  await new Promise<void>((resolve) => hostClock.alarm(300, resolve));
  t.ok(own.now() - before < 60, 'its clock stands still');
  child.kill('SIGCONT');
  await state(false);
});

t.test('a process that has ended is not held', async (t) => {
  t.equal(new Starvation(2 ** 22 + 1).isHeld(), false);
  t.equal(new Starvation(undefined).isHeld(), false);
});
