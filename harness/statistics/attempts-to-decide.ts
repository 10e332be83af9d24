import jstat from 'jstat';
import { fisherTwoSided } from './fisher.js';
import { criteria, verdictOf } from './judge-rates.js';
import { logChoose } from './log-choose.js';
import { differenceScore } from './miettinen-nurminen.js';
import type { Count } from './rates.js';

/** Beyond it nobody waits; a difference that needs more is smaller than it is worth. */
export const mostAttempts = 1000;

/**
 * How many attempts of each run, made anew, would decide between two rates: with so many, four comparisons of five come out
 * apart or alike (power 80 %), were the true rates those seen. Of few attempts the rate seen is no estimate (1 of 1 isn't
 * 100 %); each side's is taken with one failure and one success more (Agresti and Caffo, The American Statistician 54, 2000).
 * The power is summed up over all outcomes, not approximated; the number is found to 5 %.
 *
 * @param compared how many rates will be judged together: the level is divided by it, as Holm's first step does
 * @returns null where more than 1,000 would be needed
 */
export function attemptsToDecide(one: Count, other: Count, compared: number): number | null {
  const [first, second] = [estimate(one), estimate(other)];
  const decides = (attempts: number): boolean =>
    powerOf(attempts, [first, second], criteria.level / Math.max(1, compared)) >= power;
  let tooFew = 1;
  let enough = 2;
  while (!decides(enough)) {
    if (enough >= mostAttempts) return null;
    tooFew = enough;
    enough = Math.min(mostAttempts, enough * 2);
  }
  while (enough - tooFew > Math.max(1, enough * 0.05)) {
    const middle = Math.floor((tooFew + enough) / 2);
    if (decides(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}

const power = 0.8;

const estimate = ({ failing, of }: Count): number => (failing + 1) / (of + 2);

/** The chance that so many attempts of each side come out decided. */
function powerOf(attempts: number, [first, second]: readonly [number, number], level: number): number {
  const limit = jstat.normal.inv((1 + criteria.confidence) / 2, 0, 1);
  const isAlike = (one: Count, other: Count): boolean =>
    differenceScore(one, other, -criteria.margin) > limit &&
    differenceScore(one, other, criteria.margin) < -limit;
  let sum = 0;
  for (const [k, mine] of likely(attempts, first)) {
    for (const [m, theirs] of likely(attempts, second)) {
      const [one, other] = [
        { failing: k, of: attempts },
        { failing: m, of: attempts },
      ];
      const probability = fisherTwoSided(one, other);
      const corrected = (probability * criteria.level) / level;
      if (verdictOf(probability, corrected, isAlike(one, other)) !== 'undecided') sum += mine * theirs;
    }
  }
  return sum;
}

/** Numbers of failures and their chance (binomial), but for those that hardly ever come. */
function likely(attempts: number, rate: number): (readonly [number, number])[] {
  const chances = Array.from({ length: attempts + 1 }, (_, k) => {
    const log = logChoose(attempts, k) + k * Math.log(rate) + (attempts - k) * Math.log(1 - rate);
    return [k, Math.exp(log)] as const;
  });
  return chances.filter(([, chance]) => chance > 1e-6);
}
