import t from 'tap';
import { scaledSeconds, slowness } from '../../harness/vm/limits.js';

t.test('a deadline grows with the guest, and never shrinks', async (t) => {
  t.equal(slowness(120, 10), 12);
  t.equal(slowness(5, 10), 1);
  t.equal(scaledSeconds(10, 12), 120);
  t.equal(scaledSeconds(10, 0.5), 10);
});

t.test('a guest that lies about its calibration buys no days', async (t) => {
  t.equal(slowness(1e15, 1), 200);
  for (const lie of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
    t.ok(slowness(lie, 10) <= 200, String(lie));
});
