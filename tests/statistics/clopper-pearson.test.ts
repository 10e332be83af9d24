import t from 'tap';
import { clopperPearson } from '../../harness/statistics/clopper-pearson.js';

t.test('Clopper-Pearson bounds are those of the tables', async (t) => {
  const rounded = (events: number, trials: number): readonly number[] => {
    const { low, high } = clopperPearson(events, trials);
    return [Number(low.toFixed(4)), Number(high.toFixed(4))];
  };
  // exact binomial limits as printed by R's binom.test
  t.same(rounded(0, 10), [0, 0.3085]);
  t.same(rounded(10, 10), [0.6915, 1]);
  t.same(rounded(5, 10), [0.1871, 0.8129]);
  t.same(rounded(2, 5), [0.0527, 0.8534]);
});
