import type { AttemptResult } from '../attempt/types.js';
import { clopperPearson } from '../statistics/clopper-pearson.js';
import { type MedianTime, medianTime } from '../statistics/median-time.js';
import type { Interval } from '../statistics/rates.js';
import { type WorkDone, type Worked, workDone } from '../summary/work-done.js';
import { countOf, isCandidate } from './attribute.js';

/** One arm on one kernel. */
export interface ArmTally {
  readonly workload: string;
  /** k of n: attempts in which the kernel failed, of those that say anything. */
  readonly failing: number;
  readonly of: number;
  /** 95 % interval of the rate (Clopper-Pearson); null for n = 0. */
  readonly rate: Interval | null;
  /** How much the attempts without a failure did of what they were asked for; null where nobody knows. */
  readonly work: WorkDone | null;
  /**
   * Median seconds from the workload's start to the first report, by the guest's clock; an attempt without one is cut off where its
   * workload ended (right-censored). Of runs from before that was stored it is the host's wall clock from READY to the machine's
   * end, power-off included: as a bound too long by that.
   */
  readonly seconds: MedianTime;
  /** The same in iterations that the workload had finished. */
  readonly iterations: MedianTime;
}

type Tallied = Pick<
  AttemptResult,
  'outcome' | 'reports' | 'seconds' | 'workSeconds' | 'readySeconds' | 'secondsToReport' | keyof Worked
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
    work: workDone(telling),
    rate: of === 0 ? null : clopperPearson(failing, of),
    seconds: medianTime(
      observed.map(({ one, reported }) => ({
        reported,
        // a machine that fell silent has no report with a time; its last beat is the last that is known of it
        at:
          (reported ? one.secondsToReport : null) ?? one.workSeconds ?? one.seconds - (one.readySeconds ?? 0),
      })),
    ),
    iterations: medianTime(observed.map(({ one, reported }) => ({ reported, at: one.iterations }))),
  };
}
