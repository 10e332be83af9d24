import t from 'tap';
import { medianTime } from '../../harness/statistics/median-time.js';

const at = (time: number): { at: number; reported: true } => ({ at: time, reported: true });
const cut = (time: number): { at: number; reported: false } => ({ at: time, reported: false });

t.test('of attempts that all came to a report it is the usual median, the lower of two', async (t) => {
  t.same(medianTime([at(9), at(1), at(4)]), { median: 4 });
  t.same(medianTime([at(1), at(2), at(3), at(4)]), { median: 2 });
  t.same(medianTime([at(7)]), { median: 7 });
});

t.test(
  'an attempt that was cut off counts as one that would have taken longer, not as one that ended',
  async (t) => {
    t.same(medianTime([at(1), at(2), cut(60), cut(60)]), { median: 2 });
    t.same(medianTime([at(1), cut(60), cut(60)]), { beyond: 60 }, 'fewer than half: only a bound');
    // Kaplan-Meier: (1 - 1/4) at 1, the next was cut off, then (1 - 1/2) at 3
    t.same(medianTime([at(1), cut(2), at(3), cut(9)]), { median: 3 });
    t.same(medianTime([cut(5), cut(8)]), { beyond: 8 });
    t.equal(medianTime([]), null);
  },
);
