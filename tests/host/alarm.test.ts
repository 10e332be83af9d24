import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { alarm } from '../../harness/host/alarm.js';
import { hostClock } from '../../harness/vm/deadline.js';
import { Timer } from '../../harness/vm/timer.js';

/** A day's workload on a machine that is 200 times slower than hardware. */
const seconds = 86_400 * 200;

t.test('an alarm that is due in half a year doesn’t ring at once, in any of its users', async (t) => {
  const rung: string[] = [];
  const timer = new Timer(() => rung.push('Timer'));
  timer.restart(seconds);
  const cancel = [
    alarm(seconds * 1000, () => rung.push('alarm')),
    hostClock.alarm(seconds * 1000, () => rung.push('hostClock')),
  ];
  await delay(50);
  t.same(rung, []);
  for (const one of cancel) one();
  timer.clear();
});

t.test('an alarm of less rings, one that was cancelled doesn’t', async (t) => {
  let early = 0;
  const cancel = alarm(1, () => {
    early++;
  });
  cancel();
  await new Promise<void>((resolve) => void alarm(10, resolve));
  t.equal(early, 0);
});

t.test('after the longest time that Node’s timers know the rest is waited for', (t) => {
  const { clock, waits } = pretend(t);
  let rung = 0;
  alarm(2 ** 32, () => {
    rung++;
  });
  for (let waited = 0; waited < 3; waited++) clock();
  t.equal(rung, 1);
  t.same(waits.slice(0, 2), [2 ** 31 - 1, 2 ** 31 - 1]);
  t.ok(waits.length === 3 && (waits[2] ?? 99) <= 2, `${waits}`);
  t.end();
});

/** Timers that ring when told, on a clock that moves with them. */
function pretend(t: { readonly teardown: (undo: () => void) => void }) {
  const waits: number[] = [];
  const [realTimeout, realNow] = [globalThis.setTimeout, performance.now];
  let now = 0;
  let next = (): void => {};
  globalThis.setTimeout = ((ring: () => void, milliseconds: number) => {
    waits.push(milliseconds);
    next = () => {
      now += milliseconds;
      ring();
    };
  }) as unknown as typeof setTimeout;
  performance.now = () => now;
  t.teardown(() => {
    globalThis.setTimeout = realTimeout;
    performance.now = realNow;
  });
  return { waits, clock: () => next() };
}
