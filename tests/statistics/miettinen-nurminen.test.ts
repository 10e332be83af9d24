import fc from 'fast-check';
import t from 'tap';
import { differenceInterval, differenceScore } from '../../harness/statistics/miettinen-nurminen.js';
import { twoCounts } from './arbitrary-counts.js';

const of = (failing: number, attempts: number) => ({ failing, of: attempts });

t.test('its bounds are those that were published', async (t) => {
  // Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 6: 95 %, first rate less second
  const published = [
    [of(56, 70), of(48, 80), 0.0528, 0.3382],
    [of(9, 10), of(3, 10), 0.17, 0.8406],
    [of(6, 7), of(2, 7), 0.0342, 0.8534],
    [of(5, 56), of(0, 29), -0.0326, 0.1933],
    [of(0, 10), of(0, 20), -0.1658, 0.2844],
    [of(0, 10), of(0, 10), -0.2879, 0.2879],
    [of(10, 10), of(0, 20), 0.7156, 1],
    [of(10, 10), of(0, 10), 0.6636, 1],
    // Fagerland, Lydersen, Laake, Statistical Analysis of Contingency Tables (2017), 4.5: CHRNA4 and XFS
    [of(0, 16), of(15, 72), -0.3164, -0.0056],
  ] as const;
  for (const [first, second, low, high] of published) {
    const bounds = differenceInterval(second, first, 0.95);
    t.same([Number(bounds.low.toFixed(4)), Number(bounds.high.toFixed(4))], [low, high]);
  }
});

t.test('it holds the difference seen, turns with the sides, and narrows with less confidence', async () => {
  fc.assert(
    fc.property(twoCounts, ([one, other]) => {
      const seen = other.failing / other.of - one.failing / one.of;
      const { low, high } = differenceInterval(one, other, 0.9);
      const turned = differenceInterval(other, one, 0.9);
      const wider = differenceInterval(one, other, 0.95);
      return (
        low >= -1 &&
        high <= 1 &&
        low <= seen + 1e-9 &&
        high >= seen - 1e-9 &&
        Math.abs(low + turned.high) < 1e-6 &&
        Math.abs(high + turned.low) < 1e-6 &&
        wider.low <= low + 1e-9 &&
        wider.high >= high - 1e-9
      );
    }),
  );
});

t.test('the higher the difference supposed, the lower the score of what was seen', async () => {
  const supposed = fc.double({ min: -0.999, max: 0.999, noNaN: true });
  fc.assert(
    fc.property(twoCounts, supposed, supposed, ([one, other], a, b) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      return differenceScore(one, other, low) >= differenceScore(one, other, high) - 1e-6;
    }),
  );
});
