import t from 'tap';
import { awaitProgress } from '../../harness/vm/deadline.js';
import { fakeClock } from './fake-clock.js';

const never = new Promise<never>(() => {});
const limits = { totalSeconds: 100, quietSeconds: 10 };

t.test('what is reached in time is handed over, and no alarm stays', async (t) => {
  const { clock, alarms } = fakeClock();
  t.match(await awaitProgress(Promise.resolve('here'), () => 0, limits, { clock }), {
    end: 'reached',
    value: 'here',
  });
  t.equal(alarms.size, 0);
});

t.test('no progress for the quiet time ends the wait', async (t) => {
  const { clock, run } = fakeClock();
  const waited = awaitProgress(never, () => 0, limits, { clock });
  run(50);
  t.strictSame(await waited, { end: 'quiet', seconds: 10 });
});

t.test('progress prolongs the wait, up to the deadline', async (t) => {
  const { clock, run } = fakeClock();
  const waited = awaitProgress(never, () => Math.floor(clock.now() / 5000) * 5000, limits, { clock });
  run(1000);
  t.strictSame(await waited, { end: 'deadline', seconds: 100 });
});

t.test('progress that stops is noticed from its last sign on', async (t) => {
  const { clock, run } = fakeClock();
  const waited = awaitProgress(never, () => Math.min(clock.now(), 42_000), limits, { clock });
  run(1000);
  t.strictSame(await waited, { end: 'quiet', seconds: 52 });
});

t.test('progress from before the wait does not shorten it', async (t) => {
  const { clock, run } = fakeClock();
  run(500);
  const waited = awaitProgress(never, () => 0, limits, { clock });
  run(1000);
  t.strictSame(await waited, { end: 'quiet', seconds: 10 });
});

t.test('an abort ends it with its reason, before or during', async (t) => {
  const { clock, alarms } = fakeClock();
  const controller = new AbortController();
  const waited = awaitProgress(never, () => 0, limits, { clock, signal: controller.signal });
  controller.abort(new Error('enough'));
  await t.rejects(waited, { message: 'enough' });
  await t.rejects(
    awaitProgress(never, () => 0, limits, { clock, signal: controller.signal }),
    { message: 'enough' },
  );
  t.equal(alarms.size, 0);
});
