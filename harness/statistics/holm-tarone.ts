import { reaches } from './rates.js';

/** One of several tests of discrete data. */
export interface DiscreteTest {
  readonly probability: number;
  /** The least that its probability can come to, given its margins. */
  readonly least: number;
}

/**
 * Probabilities corrected for their number, by Holm's procedure (Scandinavian Journal of Statistics 6, 1979): those at or
 * below `level` may be called significant, and the chance that any of them is so by chance stays below it. Tests that can't
 * come to `level` at all are not counted (Tarone, Biometrics 46, 1990): they can raise no false alarm, and counting them
 * would drown the others.
 *
 * @returns in the order given; null for a test that isn't counted
 */
export function holmTarone(tests: readonly DiscreteTest[], level: number): (number | null)[] {
  const counted = tests
    .map(({ probability, least }, index) => ({ probability, least, index }))
    .filter(({ least }) => reaches(least, level))
    .toSorted((a, b) => a.probability - b.probability);
  const corrected: (number | null)[] = tests.map(() => null);
  let greatest = 0;
  for (const [rank, { probability, index }] of counted.entries()) {
    greatest = Math.max(greatest, Math.min(1, probability * (counted.length - rank)));
    corrected[index] = greatest;
  }
  return corrected;
}
