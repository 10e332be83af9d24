import t from 'tap';
import { watch } from '../../harness/attempt/watch.js';
import { done, limits, machine, never, watched } from './watched-machine.js';

t.test('a workload that says done is done, and every subscription and alarm ends', async (t) => {
  const m = machine();
  m.after(2.5, () => m.send(done));
  t.same(await watched(m, 3), { end: 'done', at: 2.5 });
  m.fallSilent();
  t.same(m.calls, ['console off', 'frames off']);
  t.equal(m.alarms.size, 0);
});

t.test('a machine that ends without a word has exited', async (t) => {
  const m = machine();
  m.after(2.5, m.end);
  t.same(await watched(m, 3), { end: 'exited', at: 2.5 });
});

t.test('silence is looked at, and a machine found frozen is silent', async (t) => {
  const m = machine();
  m.after(3.5, m.fallSilent);
  t.same(await watched(m, 60), { end: 'silent', at: 13 }, 'ten seconds after its last beat');
  t.same(m.calls, ['look', 'console off', 'frames off']);
});

t.test('a beat in the last moment makes it no silence', async (t) => {
  const m = machine();
  m.fallSilent();
  for (const seconds of [9.9, 19.8, 29.7]) m.after(seconds, m.beat);
  t.equal(await watched(m, 39.6), undefined);
  t.same(m.calls, []);
});

t.test('a silence in which the host ran others most of the time is waited for again', async (t) => {
  let taken = 0;
  const m = machine({ starvedSeconds: () => taken });
  m.fallSilent();
  taken = 3;
  m.after(22, () => {
    taken = 2;
  });
  t.same(await watched(m, 60), { end: 'silent', at: 25 }, 'halves end at 5, 10, 15, 20 and 25 s');
  t.equal(m.calls.filter((call) => call === 'look').length, 1);
});

t.test('a silent machine that its host never lets run is not kept for ever', async (t) => {
  const m = machine({ starvedSeconds: () => 100 });
  m.fallSilent();
  t.match(await watched(m, 60 + 600 + 20 + 1), { end: 'silent' });
  t.equal(m.calls.filter((call) => call === 'stop').length, 1);
});

t.test('what the host took in a silence is given back to the workload all the same', async (t) => {
  const asked: number[] = [];
  const m = machine({
    starvedSeconds: () => {
      asked.push(m.seconds());
      return asked.at(-1) === 30 ? 6 : 0;
    },
  });
  m.after(20.5, m.fallSilent);
  for (const seconds of [32, 36, 40, 44, 48, 52, 56, 60, 64]) m.after(seconds, m.beat);
  m.after(65.9, () => t.same(m.calls, [], 'six seconds more, and no look'));
  await watched(m, 66.1);
  t.same(m.calls, ['stop']);
  t.same(
    asked,
    [6, 25, 30, 60, 66],
    'a tenth of its time, halves of the silence, the deadline, the later one',
  );
});

t.test('a machine whose time is up while it is looked at is frozen, not stuck', async (t) => {
  const m = machine({
    look: () => new Promise((resolve) => m.after(100, () => resolve('frozen'))),
  });
  m.fallSilent();
  t.same(await watched(m, 200), { end: 'silent', at: 110 });
});

t.test('a slow machine that falls silent is not called frozen', async (t) => {
  const looks: number[] = [];
  const m = machine({
    look: async () => {
      looks.push(m.seconds());
      return 'alive';
    },
  });
  m.fallSilent();
  t.match(await watched(m, 100), { end: 'stuck', at: 80 });
  t.same(looks, [10, 20, 30, 40, 50, 60, 70, 80], 'it is looked at again after each silence');
});

t.test('a silent machine whose QEMU is lost is our trouble, not the kernel’s', async (t) => {
  const m = machine({ look: async () => 'lost' });
  m.fallSilent();
  t.same(await watched(m, 60), { end: 'harness', at: 10 });
});

t.test('a look that fails ends the wait with its error', async (t) => {
  const m = machine({ look: () => Promise.reject(new Error('a bug')) });
  m.fallSilent();
  const end = t.rejects(watch(m.target, limits, never, m.clock), { message: 'a bug' });
  await m.pass(11);
  await end;
});

t.test('one that fell silent a while before its time is up is looked at', async (t) => {
  const m = machine();
  m.after(2, () => m.say('general protection fault: 0000 [#1] SMP\n'));
  m.after(6.5, m.fallSilent);
  t.match(await watched(m, 20), { end: 'silent', at: 10 }, 'silent for 4 s, more than three tenths of 10');
});

t.test('at the deadline the workload is asked to stop; one that advanced reached its deadline', async (t) => {
  const m = machine();
  m.after(45, m.advance);
  m.after(60.5, () => t.same(m.calls, ['stop']));
  t.same(await watched(m, 100), { end: 'deadline', at: 80 });
});

t.test('one that advanced last before the second half of its time is stuck', async (t) => {
  const m = machine();
  m.after(38, m.advance);
  t.same(await watched(m, 100), { end: 'stuck', at: 80 });
});

t.test('one that beats and never advances is stuck', async (t) => {
  t.same(await watched(machine(), 100), { end: 'stuck', at: 80 });
});

t.test('an abort ends the wait with its reason, and every alarm', async (t) => {
  const m = machine();
  const abort = new AbortController();
  const end = watch(m.target, limits, abort.signal, m.clock);
  abort.abort(new Error('Ctrl-C'));
  await t.rejects(end, { message: 'Ctrl-C' });
  m.fallSilent();
  t.equal(m.alarms.size, 0);
});

t.test('a host that never lets the machine run does not keep it for ever', async (t) => {
  const m = machine({ starvedSeconds: () => 100 });
  t.match(await watched(m, 60 + 600 + 20 + 1), { end: 'stuck', at: 680 });
  t.equal(m.calls.filter((call) => call === 'stop').length, 1);
});

t.test(
  'a machine that is through in a tenth of its time is never asked what the host took from it',
  async (t) => {
    let asked = 0;
    const m = machine({
      starvedSeconds: () => {
        asked += 1;
        return 0;
      },
    });
    m.after(5.9, () => m.send(done));
    t.match(await watched(m, 10), { end: 'done' });
    t.equal(asked, 0);
  },
);

t.test('time in which the host ran others is given back, once', async (t) => {
  const asked: number[] = [];
  const m = machine({
    starvedSeconds: () => {
      asked.push(m.seconds());
      m.advance();
      // 40 s were lost before a tenth of its time was over
      return [40, 6][asked.length - 1] ?? 0;
    },
  });
  t.same(await watched(m, 200), { end: 'deadline', at: 86 });
  t.same(asked, [6, 60, 66, 86], 'a tenth of its time, the deadline, the later deadline, the grace’s end');
  t.equal(m.calls.filter((call) => call === 'stop').length, 1);
});
