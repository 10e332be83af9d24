import type { AttemptResult } from '../schedule/types.js';
import { clopperPearson } from '../statistics/clopper-pearson.js';
import type { Interval } from '../statistics/interval.js';
import { countOf, isCandidate } from './attribute.js';
import { type MedianTime, medianTime } from './median-time.js';

/** One arm on one kernel. */
export interface ArmTally {
  readonly workload: string;
  /** k of n: attempts in which the kernel failed, of those that say anything. */
  readonly failing: number;
  readonly of: number;
  /** 95 % interval of the rate (Clopper-Pearson); null for n = 0. */
  readonly rate: Interval | null;
  /**
   * Median seconds from the workload's start to the first report, by the guest's clock. Of an attempt without one only the
   * host's wall clock from READY to the machine's end is stored, power-off included: as a bound it is too long by that.
   */
  readonly seconds: MedianTime;
  /** The same in iterations that the workload had finished. */
  readonly iterations: MedianTime;
}

type Tallied = Pick<
  AttemptResult,
  'outcome' | 'reports' | 'seconds' | 'readySeconds' | 'secondsToReport' | 'iterations'
>;

/** @param knownIssue the bug that an arm is after; null for a control, in which any failure of the kernel counts */
export function tallyOf(workload: string, attempts: readonly Tallied[], knownIssue: string | null): ArmTally {
  const { failing, of } = countOf(attempts, knownIssue);
  const telling = attempts.filter((one) => countOf([one], knownIssue).of === 1);
  const observed = telling.map((one) => ({ one, reported: isCandidate(one, knownIssue) }));
  return {
    workload,
    failing,
    of,
    rate: of === 0 ? null : clopperPearson(failing, of),
    seconds: medianTime(
      observed.map(({ one, reported }) => ({
        reported,
        // a machine that fell silent has no report with a time; its end bounds it
        at: (reported ? one.secondsToReport : null) ?? one.seconds - (one.readySeconds ?? 0),
      })),
    ),
    iterations: medianTime(observed.map(({ one, reported }) => ({ reported, at: one.iterations }))),
  };
}
