import t from 'tap';
import type { GuestFrame } from '../../harness/guest/types.js';
import type { Limits } from '../../harness/schedule/limits.js';
import { type Watchable, watch } from '../../harness/schedule/watch.js';

/** Short enough for a test, far enough apart that the order of events decides and not their timing. */
const limits: Limits = {
  silenceSeconds: 0.15,
  workloadSeconds: 0.4,
  stopSeconds: 0.3,
  afterReportSeconds: 0.2,
  quietSeconds: 0.05,
  powerOffSeconds: 1,
};

function machine(overrides: Partial<Watchable> = {}) {
  let say = (_: string): void => {};
  let send = (_: GuestFrame): void => {};
  let end = (): void => {};
  const calls: string[] = [];
  const target: Watchable = {
    onConsole: (listener) => {
      say = listener;
      return () => calls.push('console off');
    },
    onFrame: (listener) => {
      send = listener;
      return () => calls.push('frames off');
    },
    exit: new Promise<void>((resolve) => {
      end = resolve;
    }),
    stop: () => calls.push('stop'),
    starvedSeconds: () => 0,
    look: async () => {
      calls.push('look');
      return 'frozen';
    },
    ...overrides,
  };
  const beats = setInterval(() => send(beat(iterations)), 30);
  let iterations = 0;
  return {
    target,
    calls,
    say: (text: string) => say(text),
    send: (frame: GuestFrame) => send(frame),
    end: () => end(),
    advance: () => {
      iterations += 1;
    },
    fallSilent: () => clearInterval(beats),
    [Symbol.dispose]: () => clearInterval(beats),
  };
}

const beat = (iterations: number): GuestFrame => ({
  type: 'beat',
  beat: 1,
  uptime: 1,
  iterations,
  memFreeKiB: 1,
});
const done: GuestFrame = {
  type: 'done',
  status: 'passed',
  exitStatus: 0,
  signal: 0,
  iterations: 1,
  stopped: false,
  reason: '',
  seconds: 1,
};
const never = new AbortController().signal;

t.test('a workload that says done is done, and every subscription ends', async (t) => {
  using m = machine();
  const end = watch(m.target, limits, never);
  m.send(done);
  t.equal(await end, 'done');
  t.same(m.calls, ['console off', 'frames off']);
});

t.test('a machine that ends without a word has exited', async (t) => {
  using m = machine();
  const end = watch(m.target, limits, never);
  m.end();
  t.equal(await end, 'exited');
});

t.test('a panicked kernel that does not reboot is over once it is quiet, beats or not', async (t) => {
  using m = machine();
  const end = watch(m.target, limits, never);
  m.fallSilent();
  m.say('Kernel panic - not syn');
  m.say('cing: Fatal exception\n');
  t.equal(await end, 'exited');
  t.notOk(m.calls.includes('look'), 'its silence needs no second look');
});

t.test('silence is looked at, and a machine found frozen is silent', async (t) => {
  using m = machine();
  const end = watch(m.target, limits, never);
  m.fallSilent();
  t.equal(await end, 'silent');
  t.ok(m.calls.includes('look'));
});

t.test('a machine whose time is up while it is looked at is frozen, not stuck', async (t) => {
  using m = machine({
    look: () => new Promise((resolve) => setTimeout(() => resolve('frozen'), 1200)),
  });
  const end = watch(m.target, limits, never);
  m.fallSilent();
  t.equal(await end, 'silent');
});

t.test('a slow machine that falls silent is not called frozen', async (t) => {
  let looks = 0;
  using m = machine({
    look: async () => {
      looks += 1;
      return 'alive';
    },
  });
  const end = watch(m.target, limits, never);
  m.fallSilent();
  t.not(await end, 'silent');
  t.ok(looks >= 2, 'and it is looked at again after each silence');
});

t.test('a silent machine whose QEMU is lost is our trouble, not the kernel’s', async (t) => {
  using m = machine({ look: async () => 'lost' });
  const end = watch(m.target, limits, never);
  m.fallSilent();
  t.equal(await end, 'harness');
});

t.test('an oops while the machine is looked at does not end the look', async (t) => {
  let answer = (_: 'frozen'): void => {};
  using m = machine({
    look: () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  });
  const end = watch(m.target, limits, never);
  m.fallSilent();
  setTimeout(() => m.say('general protection fault: 0000 [#1] SMP\n'), 250);
  setTimeout(() => answer('frozen'), 900);
  t.equal(await end, 'silent');
});

t.test('an oops is followed by a grace in which the workload may still finish', async (t) => {
  using m = machine();
  const end = watch(m.target, limits, never);
  m.say('general protection fault: 0000 [#1] SMP\n');
  setTimeout(() => m.send(done), 50);
  t.equal(await end, 'done');
});

t.test('an oops after which nothing ends is ended by us', async (t) => {
  using m = machine();
  const end = watch(m.target, limits, never);
  m.say('general protection fault: 0000 [#1] SMP\n');
  t.equal(await end, 'stuck');
});

t.test('at the deadline the workload is asked to stop; one that advanced reached its deadline', async (t) => {
  using m = machine();
  const moving = setInterval(m.advance, 20);
  t.teardown(() => clearInterval(moving));
  t.equal(await watch(m.target, limits, never), 'deadline');
  t.ok(m.calls.includes('stop'));
});

t.test('one that beats and never advances is stuck', async (t) => {
  using m = machine();
  t.equal(await watch(m.target, limits, never), 'stuck');
});

t.test('an abort ends the wait with its reason', async (t) => {
  using m = machine();
  const abort = new AbortController();
  const end = watch(m.target, limits, abort.signal);
  abort.abort(new Error('Ctrl-C'));
  await t.rejects(end, { message: 'Ctrl-C' });
});

t.test('a host that never lets the machine run does not keep it for ever', async (t) => {
  using played = machine({ starvedSeconds: () => 100 });
  t.equal(await watch(played.target, limits, new AbortController().signal), 'stuck');
  t.equal(played.calls.filter((call) => call === 'stop').length, 1);
});

t.test(
  'a machine that is through in a tenth of its time is never asked what the host took from it',
  async (t) => {
    let asked = 0;
    using played = machine({
      starvedSeconds: () => {
        asked += 1;
        return 0;
      },
    });
    const end = watch(played.target, limits, new AbortController().signal);
    played.send(done);
    t.equal(await end, 'done');
    t.equal(asked, 0);
  },
);

t.test('time in which the host ran others is given back, once', async (t) => {
  const asked: number[] = [];
  using played = machine({
    starvedSeconds: () => {
      asked.push(performance.now());
      played.advance();
      // 40 s were lost before a tenth of its time was over
      return [40, 0.6][asked.length - 1] ?? 0;
    },
  });
  const began = performance.now();
  const end = watch(played.target, limits, new AbortController().signal);
  played.advance();
  t.equal(await end, 'deadline');
  const waited = (performance.now() - began) / 1000;
  t.ok(waited > limits.workloadSeconds + 0.6 + limits.stopSeconds - 0.05, `${waited} s`);
  t.equal(
    asked.length,
    4,
    'after a tenth of its time, at the deadline, at the later deadline, at the end of the grace',
  );
  t.ok((asked[0] ?? 0) - began > limits.workloadSeconds * 100 - 5, 'no earlier: most are through by then');
  t.equal(played.calls.filter((call) => call === 'stop').length, 1);
});

t.test(
  'where the report is all that is wanted, quiet after it ends the attempt, and nothing is looked at',
  async (t) => {
    using m = machine();
    const began = performance.now();
    const end = watch(m.target, { ...limits, afterReportSeconds: 5, reportQuietSeconds: 0.05 }, never);
    m.say('[    1.0] Oops: 0000 [#1] SMP\n');
    m.say('[    1.0] Call Trace:\n');
    t.equal(await end, 'stuck');
    t.ok(performance.now() - began < 2000, 'not after the usual grace');
    t.notOk(m.calls.includes('look'));
  },
);
