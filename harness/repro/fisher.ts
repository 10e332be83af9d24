import type { Count } from './attribute.js';

/**
 * The chance that, of all failures, so many or more fall on the first side, were both sides alike: Fisher's exact test,
 * one-sided (hypergeometric tail; Fisher 1935, The Design of Experiments).
 */
export function fisherProbability(one: Count, other: Count): number {
  const failing = one.failing + other.failing;
  const all = one.of + other.of;
  let tail = 0;
  for (let k = one.failing; k <= Math.min(one.of, failing); k++) {
    tail += Math.exp(logChoose(one.of, k) + logChoose(other.of, failing - k) - logChoose(all, failing));
  }
  return Math.min(1, tail);
}

/** log of n over k; -Infinity where there is no such choice. */
function logChoose(n: number, k: number): number {
  if (k < 0 || k > n) return Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i);
  return sum;
}
