import jstat from 'jstat';
import type { Interval } from './rates.js';

/**
 * Two-sided Clopper-Pearson interval of a rate of which `events` of `trials` were seen: guaranteed to cover, at the price
 * of being wide (Biometrika 26, 1934). The bounds are quantiles of beta distributions.
 */
export function clopperPearson(events: number, trials: number, confidence = 0.95): Interval {
  const tail = (1 - confidence) / 2;
  return {
    low: events === 0 ? 0 : jstat.beta.inv(tail, events, trials - events + 1),
    high: events === trials ? 1 : jstat.beta.inv(1 - tail, events + 1, trials - events),
  };
}
