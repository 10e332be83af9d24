/** Bounds of a rate, 0 to 1, or of a difference of two, -1 to 1. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}
