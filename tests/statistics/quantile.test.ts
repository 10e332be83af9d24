import fc from 'fast-check';
import t from 'tap';
import { median, quantile } from '../../harness/statistics/quantile.js';

t.test('quartiles are those of the published definition', async (t) => {
  // Hyndman and Fan's definition 2, as R's quantile(x, type = 2) gives it
  const of = (...sample: number[]) => [0, 0.25, 0.5, 0.75, 1].map((p) => quantile(sample, p));
  t.same(of(3, 6, 7, 8, 8, 10, 13, 15, 16, 20), [3, 7, 9, 15, 20]);
  t.same(of(3, 6, 7, 8, 8, 9, 10, 13, 15, 16, 20), [3, 7, 9, 15, 20]);
  t.same(of(20, 3), [3, 3, 11.5, 20, 20]);
  t.same(of(4), [4, 4, 4, 4, 4]);
});

t.test('a median is the middle, or the mean of the two there; of nothing there is none', async (t) => {
  t.equal(median([5, 1, 3]), 3);
  t.equal(median([4, 1, 3, 2]), 2.5);
  t.ok(Number.isNaN(median([])));
});

t.test('the order of a sample does not matter, and it is left as it was', async () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), (sample) => {
      const before = [...sample];
      const forwards = quantile(sample, 0.25);
      return (
        forwards === quantile(sample.toReversed(), 0.25) && sample.every((one, at) => one === before[at])
      );
    }),
  );
});
