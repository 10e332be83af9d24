/**
 * The value below which a share `p` of the sample lies: the inverse of the empirical distribution, averaged where it jumps
 * (Hyndman and Fan, The American Statistician 50, 1996, definition 2). NaN of an empty sample.
 *
 * @param p 0 to 1
 */
export function quantile(sample: readonly number[], p: number): number {
  const sorted = sample.toSorted((a, b) => a - b);
  const at = sorted.length * p;
  const lower = sorted[Math.max(0, Math.ceil(at) - 1)] ?? Number.NaN;
  const upper = sorted[Math.min(sorted.length - 1, Math.floor(at))] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** The middle value, or the mean of the two in the middle; NaN of an empty sample. */
export const median = (sample: readonly number[]): number => quantile(sample, 0.5);
