import fc from 'fast-check';
import t from 'tap';
import { fisherOneSided, fisherTwoSided, leastTwoSided } from '../../harness/statistics/fisher.js';
import { aCount, twoCounts } from './arbitrary-counts.js';

const of = (failing: number, attempts: number) => ({ failing, of: attempts });
const near = (one: number, other: number): boolean => Math.abs(one - other) < 1e-9;

t.test('one-sided, it is what counting by hand gives', async (t) => {
  const p = (a: number, b: number, c: number, d: number): number => fisherOneSided(of(a, b), of(c, d));
  t.ok(near(p(5, 5, 0, 5), 1 / 252));
  t.ok(near(p(4, 5, 0, 5), 5 / 210));
  t.equal(Number(p(1, 1, 0, 1).toFixed(9)), 0.5);
  t.equal(Number(p(0, 5, 0, 5).toFixed(9)), 1);
  t.equal(Number(p(0, 5, 5, 5).toFixed(9)), 1);
});

t.test('two-sided, it is what the literature prints', async (t) => {
  const p = (a: number, b: number, c: number, d: number): number =>
    Number(fisherTwoSided(of(a, b), of(c, d)).toFixed(5));
  // Fagerland, Lydersen, Laake, Statistical Analysis of Contingency Tables (2017), 4.4: CHRNA4 and XFS
  t.equal(p(0, 16, 15, 72), 0.06287);
  // Fisher's own tea: 3 of 4 cups
  t.equal(p(3, 4, 1, 4), 0.48571);
  t.equal(p(0, 6, 5, 6), 0.01515, '12 / 792');
  t.equal(p(0, 20, 6, 20), 0.0202);
  t.equal(p(5, 20, 14, 20), 0.01039);
  t.equal(p(3, 20, 4, 20), 1);
  t.equal(p(0, 0, 3, 4), 1, 'no attempts, no word');
});

t.test('it is a probability, the same from both sides, of failures as of passes', async () => {
  const passes = ({ failing, of: all }: { failing: number; of: number }) => of(all - failing, all);
  fc.assert(
    fc.property(twoCounts, ([one, other]) => {
      const p = fisherTwoSided(one, other);
      return (
        p > 0 &&
        p <= 1 &&
        near(p, fisherTwoSided(other, one)) &&
        near(p, fisherTwoSided(passes(one), passes(other))) &&
        p >= leastTwoSided(one, other) - 1e-12 &&
        p >= Math.min(fisherOneSided(one, other), fisherOneSided(other, one)) - 1e-9
      );
    }),
  );
});

t.test(
  'one failure fewer on the side that fails more, with the margins kept, is no stronger word',
  async () => {
    const rate = ({ failing, of: all }: { failing: number; of: number }) => (all === 0 ? 0 : failing / all);
    fc.assert(
      fc.property(twoCounts, ([one, other]) => {
        fc.pre(one.failing > 0 && other.failing < other.of);
        const nearer = [of(one.failing - 1, one.of), of(other.failing + 1, other.of)] as const;
        fc.pre(rate(nearer[0]) >= rate(nearer[1]));
        return fisherTwoSided(...nearer) >= fisherTwoSided(one, other) - 1e-12;
      }),
    );
  },
);

t.test('the least it can come to is what some split of the same margins does come to', async () => {
  fc.assert(
    fc.property(aCount(12), aCount(12), (one, other) => {
      const failing = one.failing + other.failing;
      const all: number[] = [];
      for (let k = Math.max(0, failing - other.of); k <= Math.min(one.of, failing); k++)
        all.push(fisherTwoSided(of(k, one.of), of(failing - k, other.of)));
      return near(Math.min(...all), leastTwoSided(one, other));
    }),
  );
});
