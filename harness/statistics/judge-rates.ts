import { fisherTwoSided, leastTwoSided } from './fisher.js';
import { holmTarone } from './holm-tarone.js';
import { differenceInterval } from './miettinen-nurminen.js';
import { type Count, type Interval, reaches, usualLevel } from './rates.js';

/** By what rates are told apart or called alike; reports name it all. */
export const criteria = {
  /** The chance that any of the rates compared together is called apart although none differs. */
  level: usualLevel,
  /** Rates that differ by less are alike for us; of 1. */
  margin: 0.2,
  /** Of the difference's interval that has to lie within the margin: two one-sided tests at 5 % each (Schuirmann 1987). */
  confidence: 0.9,
} as const;

/**
 * Apart: told from chance, all rates compared together considered. Alike: the difference is known to be within the margin,
 * and isn't told from chance even alone. Undecided: neither, and more attempts would say.
 */
export type Verdict = 'apart' | 'alike' | 'undecided';

export interface Judged {
  readonly verdict: Verdict;
  /** Fisher's exact test, two-sided, of these two rates alone; null where a side has no attempts. */
  readonly probability: number | null;
  /** Corrected for the number of rates compared; null where these could never be told from chance, and so aren't counted. */
  readonly corrected: number | null;
  /** The second rate less the first, 90 % (Miettinen-Nurminen); null likewise. */
  readonly difference: Interval | null;
}

/** Pairs of rates that are compared together, judged. */
export function judgeRates(pairs: readonly (readonly [Count, Count])[]): Judged[] {
  const tests = pairs.map((pair) => ({
    probability: fisherTwoSided(...pair),
    least: leastTwoSided(...pair),
  }));
  const corrected = holmTarone(tests, criteria.level);
  return pairs.map(([one, other], index) => {
    if (one.of === 0 || other.of === 0)
      return { verdict: 'undecided', probability: null, corrected: null, difference: null };
    const probability = tests[index]?.probability ?? 1;
    const mine = corrected[index] ?? null;
    const difference = differenceInterval(one, other, criteria.confidence);
    const verdict = verdictOf(probability, mine ?? 1, isWithin(difference));
    return { verdict, probability, corrected: mine, difference };
  });
}

/**
 * Alike isn't said of rates that alone would be apart: what many cells beside them do to the correction must not turn the one
 * into the other.
 */
export function verdictOf(probability: number, corrected: number, isWithinMargin: boolean): Verdict {
  if (reaches(corrected, criteria.level)) return 'apart';
  return isWithinMargin && !reaches(probability, criteria.level) ? 'alike' : 'undecided';
}

const isWithin = ({ low, high }: Interval): boolean => low > -criteria.margin && high < criteria.margin;
