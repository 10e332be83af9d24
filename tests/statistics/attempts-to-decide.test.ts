import t from 'tap';
import { attemptsToDecide } from '../../harness/statistics/attempts-to-decide.js';
import { judgeRates } from '../../harness/statistics/judge-rates.js';
import type { Count } from '../../harness/statistics/rates.js';

const of = (failing: number, attempts: number) => ({ failing, of: attempts });

t.test('the number decides four times of five, were the rates those it was found for', async (t) => {
  let state = 3;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const draw = (rate: number, n: number): Count =>
    of(Array.from({ length: n }).filter(() => random() < rate).length, n);
  for (const [one, other] of [
    [of(0, 1), of(1, 1)],
    [of(0, 3), of(1, 3)],
    [of(2, 20), of(6, 20)],
    [of(0, 20), of(1, 20)],
  ] as const) {
    const attempts = attemptsToDecide(one, other, 1);
    if (attempts === null) return t.fail('a number was expected');
    const rate = ({ failing, of: all }: Count): number => (failing + 1) / (all + 2);
    const decided = Array.from({ length: 600 }).filter(() => {
      const [judged] = judgeRates([[draw(rate(one), attempts), draw(rate(other), attempts)]]);
      return judged?.verdict !== 'undecided';
    }).length;
    t.ok(decided / 600 > 0.75 && decided / 600 < 0.93, `${attempts}: ${decided} of 600`);
  }
});

t.test(
  'it grows with the number of rates judged together, and falls with what sets them apart',
  async (t) => {
    const n = (one: Count, other: Count, together = 1): number =>
      attemptsToDecide(one, other, together) ?? 9999;
    t.ok(n(of(0, 1), of(1, 1), 20) > n(of(0, 1), of(1, 1)));
    t.ok(n(of(0, 4), of(4, 4)) < n(of(0, 4), of(2, 4)));
    t.equal(n(of(1, 3), of(0, 3)), n(of(0, 3), of(1, 3)), 'from either side');
    t.ok(n(of(5, 5), of(0, 5)) <= 8, 'all against none');
  },
);
