import { logChoose } from './log-choose.js';
import type { Count } from './rates.js';

/**
 * Fisher's exact test (The Design of Experiments, 1935): how all failures fall on two sides of like rates is hypergeometric,
 * given how many attempts each side made and how many failed altogether (the margins).
 */

/** The chance of a split as unlikely as this one or more so, in either direction; 1 where a side has no attempts. */
export function fisherTwoSided(one: Count, other: Count): number {
  const { from, chances } = splits(one, other);
  return unlikelierThan(chances[one.failing - from] ?? 1, chances);
}

/** The chance that so many of all failures, or more, fall on the first side. */
export function fisherOneSided(one: Count, other: Count): number {
  const { from, chances } = splits(one, other);
  return atMostOne(chances.slice(one.failing - from).reduce((sum, chance) => sum + chance, 0));
}

/**
 * The least that fisherTwoSided can come to with these margins, however the failures fall (Tarone, Biometrics 46, 1990): a
 * table where that is above a level can't be significant at it.
 */
export function leastTwoSided(one: Count, other: Count): number {
  const { chances } = splits(one, other);
  return unlikelierThan(Math.min(...chances), chances);
}

/** The chance of each number of failures that the first side can have, from the least of them on. */
function splits(one: Count, other: Count): { readonly from: number; readonly chances: readonly number[] } {
  const failing = one.failing + other.failing;
  const from = Math.max(0, failing - other.of);
  const to = Math.min(one.of, failing);
  const ways = logChoose(one.of + other.of, failing);
  const chances: number[] = [];
  for (let k = from; k <= to; k++)
    chances.push(Math.exp(logChoose(one.of, k) + logChoose(other.of, failing - k) - ways));
  return { from, chances };
}

const unlikelierThan = (limit: number, chances: readonly number[]): number =>
  atMostOne(chances.reduce((sum, chance) => (chance <= limit * (1 + rounding) ? sum + chance : sum), 0));

/** Splits that are as likely as one another differ in their last digits; R's fisher.test allows for as much. */
const rounding = 1e-7;

const atMostOne = (probability: number): number => Math.min(1, probability);
