import fc from 'fast-check';
import t from 'tap';
import { judgeRates, type Verdict } from '../../harness/statistics/judge-rates.js';
import type { Count } from '../../harness/statistics/rates.js';
import { aCount, twoCounts } from './arbitrary-counts.js';

const of = (failing: number, attempts: number) => ({ failing, of: attempts });
const verdicts = (pairs: readonly (readonly [Count, Count])[]): Verdict[] =>
  judgeRates(pairs).map(({ verdict }) => verdict);
const alone = (one: Count, other: Count): Verdict | undefined => verdicts([[one, other]])[0];

t.test('alone, these are apart and that is not', async (t) => {
  t.equal(alone(of(0, 6), of(5, 6)), 'apart');
  t.equal(alone(of(0, 20), of(6, 20)), 'apart');
  t.equal(alone(of(5, 20), of(14, 20)), 'apart');
  t.equal(alone(of(3, 20), of(4, 20)), 'undecided');
});

t.test('alike needs the interval within the margin: as many attempts as that takes', async (t) => {
  t.equal(alone(of(0, 11), of(0, 11)), 'undecided', '90 %: 20.5 points either way');
  t.equal(alone(of(0, 12), of(0, 12)), 'alike', '19.0 points');
  t.equal(alone(of(10, 20), of(10, 20)), 'undecided');
  t.equal(alone(of(50, 100), of(50, 100)), 'alike');
  t.equal(alone(of(0, 0), of(5, 5)), 'undecided');
});

t.test('apart outranks alike: a difference that is within the margin, and is certain', async (t) => {
  const [judged] = judgeRates([[of(0, 500), of(25, 500)]]);
  t.ok(judged?.difference && judged.difference.high < 0.2);
  t.equal(judged?.verdict, 'apart');
});

t.test('a difference that only the correction takes back isn’t called alike', async (t) => {
  const one = [of(0, 300), of(6, 300)] as const;
  t.equal(alone(...one), 'apart');
  const beside = Array.from({ length: 20 }, () => [of(10, 40), of(10, 40)] as const);
  t.equal(verdicts([one, ...beside])[0], 'undecided');
});

const times = ([one, other]: readonly [Count, Count], factor: number): readonly [Count, Count] => [
  of(one.failing * factor, one.of * factor),
  of(other.failing * factor, other.of * factor),
];

t.test('more attempts at the same rates never turn apart into alike', async (t) => {
  const factor = fc.integer({ min: 2, max: 8 });
  let apart = 0;
  fc.assert(
    fc.property(twoCounts, factor, (pair, more) => {
      if (alone(...pair) !== 'apart') return true;
      apart++;
      return alone(...times(pair, more)) !== 'alike';
    }),
    { numRuns: 500 },
  );
  t.ok(apart > 50, 'the property was met, not only passed over');
});

t.test('nor do they among other cells, which get more attempts too, or don’t', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(aCount(30), aCount(30)), { minLength: 1, maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 12, maxLength: 12 }),
      (pairs, factors) => {
        const before = verdicts(pairs);
        const after = verdicts(pairs.map((pair, index) => times(pair, factors[index] ?? 1)));
        return before.every((verdict, index) => verdict !== 'apart' || after[index] !== 'alike');
      },
    ),
    { numRuns: 300 },
  );
});

t.test('nor where one side alone gets more', async () => {
  for (let n = 1; n <= 14; n++)
    for (let m = 1; m <= 14; m++)
      for (let a = 0; a <= n; a++)
        for (let b = 0; b <= m; b++) {
          if (alone(of(a, n), of(b, m)) !== 'apart') continue;
          for (const factor of [2, 3, 7])
            if (alone(of(a * factor, n * factor), of(b, m)) === 'alike')
              t.fail(`${a}/${n} ${b}/${m} × ${factor}`);
        }
});

t.test('the verdict is the same from both sides, and of failures as of passes', async () => {
  const passes = ({ failing, of: all }: Count): Count => of(all - failing, all);
  fc.assert(
    fc.property(twoCounts, ([one, other]) => {
      const verdict = alone(one, other);
      return verdict === alone(other, one) && verdict === alone(passes(one), passes(other));
    }),
  );
});

t.test('cells beside it never make one apart that isn’t alone', async () => {
  fc.assert(
    fc.property(fc.array(twoCounts, { minLength: 1, maxLength: 10 }), (pairs) =>
      verdicts(pairs).every((verdict, index) => {
        const pair = pairs[index];
        return verdict !== 'apart' || pair === undefined || alone(...pair) === 'apart';
      }),
    ),
  );
});

t.test('of runs that don’t differ, one comparison of many cells in twenty says apart, at most', async (t) => {
  // a seeded generator: the test is the same each time
  let state = 407;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const draw = (rate: number, n: number): Count =>
    of(Array.from({ length: n }).filter(() => random() < rate).length, n);
  const comparisons = 400;
  let wrong = 0;
  for (let index = 0; index < comparisons; index++) {
    const pairs = Array.from({ length: 20 }, (_, at) => [draw(at / 20, 10), draw(at / 20, 10)] as const);
    if (verdicts(pairs).includes('apart')) wrong++;
  }
  t.ok(wrong <= comparisons * 0.05, `${wrong} of ${comparisons}`);
});
