/** k of n: attempts in which something failed, of those that say anything. */
export interface Count {
  readonly failing: number;
  readonly of: number;
}

/** Bounds of a rate, 0 to 1, or of a difference of two, -1 to 1. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The usual one chance in twenty. */
export const usualLevel = 0.05;

/**
 * Whether a probability comes to a level: is at it, or below. 3 of 3 against 0 of 3, one-sided, is exactly 1/20, one choice of 6 over
 * 3, and does; a sum of exponentials may miss such a value either way.
 */
export const reaches = (probability: number, level = usualLevel): boolean => probability <= level + rounding;

const rounding = 1e-9;
