/** How far an attempt came: to its report, or without one to where it ended, which bounds the time from below. */
export interface Observed {
  readonly at: number;
  readonly reported: boolean;
}

/** The median, or a bound below it where fewer than half of the attempts came to a report. */
export type MedianTime = { readonly median: number } | { readonly beyond: number } | null;

/**
 * Median time to a report over attempts of which some were cut off before one (right-censored): where the Kaplan-Meier
 * estimate (JASA 53, 1958) falls to a half. Of no attempts: null.
 */
export function medianTime(observed: readonly Observed[]): MedianTime {
  // at one time reports come before what was cut off
  const sorted = observed.toSorted((a, b) => a.at - b.at || Number(b.reported) - Number(a.reported));
  let surviving = 1;
  for (const [index, { at, reported }] of sorted.entries()) {
    if (!reported) continue;
    surviving *= 1 - 1 / (sorted.length - index);
    if (surviving <= 0.5 + rounding) return { median: at };
  }
  const last = sorted.at(-1);
  return last === undefined ? null : { beyond: last.at };
}

/** 1/2 as a product of fractions. */
const rounding = 1e-9;
