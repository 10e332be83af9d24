import jstat from 'jstat';
import type { Count, Interval } from './rates.js';

/**
 * Interval of the difference of two rates, the other's less the first's, by Miettinen and Nurminen's score statistic
 * (Statistics in Medicine 4, 1985): it holds its confidence where rates are near 0 and 1 and attempts are few.
 *
 * @param one at least one attempt, as `other`
 */
export function differenceInterval(one: Count, other: Count, confidence: number): Interval {
  const limit = jstat.normal.inv((1 + confidence) / 2, 0, 1);
  const seen = other.failing / other.of - one.failing / one.of;
  return {
    low: bisect(-1, seen, (difference) => differenceScore(one, other, difference) > limit),
    high: bisect(seen, 1, (difference) => differenceScore(one, other, difference) >= -limit),
  };
}

/**
 * How many standard deviations the difference that was seen lies above a supposed one. The variance is of the rates that
 * are likeliest were the supposed difference true, and unbiased: N / (N - 1).
 */
export function differenceScore(one: Count, other: Count, difference: number): number {
  const seen = other.failing / other.of - one.failing / one.of;
  const base = likeliestBase(one, other, difference);
  const raised = within(base + difference);
  const all = one.of + other.of;
  const variance =
    ((base * (1 - base)) / one.of + (raised * (1 - raised)) / other.of) * (all / Math.max(1, all - 1));
  const above = seen - difference;
  if (Math.abs(above) < tiny) return 0;
  return variance > 0 ? above / Math.sqrt(variance) : Math.sign(above) * Number.POSITIVE_INFINITY;
}

/** The first side's likeliest rate where the other's is higher by `difference`: a root of a cubic equation (appendix I there). */
function likeliestBase(one: Count, other: Count, difference: number): number {
  const all = one.of + other.of;
  const failing = one.failing + other.failing;
  const a = all;
  const b = (other.of + 2 * one.of) * difference - all - failing;
  const c = (one.of * difference - all - 2 * one.failing) * difference + failing;
  const d = one.failing * difference * (1 - difference);
  const q = (b / (3 * a)) ** 3 - (b * c) / (6 * a ** 2) + d / (2 * a);
  const p = Math.sign(q || 1) * Math.sqrt(Math.max(0, (b / (3 * a)) ** 2 - c / (3 * a)));
  const turn = p === 0 ? 0 : Math.min(1, Math.max(-1, q / p ** 3));
  const root = 2 * p * Math.cos((Math.PI + Math.acos(turn)) / 3) - b / (3 * a);
  return Math.min(Math.min(1, 1 - difference), Math.max(0, -difference, root));
}

/** Where `isBelow`, true at first, becomes false. */
function bisect(from: number, to: number, isBelow: (value: number) => boolean): number {
  let [low, high] = [from, to];
  for (let step = 0; step < steps; step++) {
    const middle = (low + high) / 2;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const within = (rate: number): number => Math.min(1, Math.max(0, rate));

/** Halvings: to 2^-40, far beyond what is printed. */
const steps = 40;
const tiny = 1e-12;
