import { median, min } from 'simple-statistics';
import type { StoredAttempt } from '../../results/attempt-schema.js';
import { clopperPearson, type Interval } from '../interval.js';
import { isConclusive, isFailure } from '../severity.js';

/** The known issue that this page is about, as known-issues.yml names it. */
const issue = '#407';

export interface FirstReport {
  readonly title: string;
  readonly signature: string;
  readonly seconds: number | null;
  /** Path of its console from the folder that holds the runs. */
  readonly console: string;
  readonly line: number;
}

/** k of n, and when: of one arm, or its control, on one kernel, over all runs. */
export interface ArmSummary {
  readonly conclusive: number;
  /** Attempts that failed in any way. */
  readonly failing: number;
  /** Of these, the ones with a report whose frames are the bug's. */
  readonly byFrames: number;
  /** 95 % of failing in conclusive, Clopper-Pearson; null for no conclusive attempt. */
  readonly rate: Interval | null;
  /** From the workload's start to the first report; null without one. */
  readonly leastSeconds: number | null;
  readonly medianSeconds: number | null;
  /** Median over attempts with a report: containers that had ended well before it. */
  readonly medianIterations: number | null;
  readonly first: FirstReport | null;
}

/** Counts attempts of one arm on one kernel. */
export class ArmTally {
  #conclusive = 0;
  #failing = 0;
  #byFrames = 0;
  readonly #seconds: number[] = [];
  readonly #iterations: number[] = [];
  #first: FirstReport | null = null;
  #firstIsNamed = false;

  /** @param run name of the run's folder */
  add(attempt: StoredAttempt, run: string): void {
    const { outcome, reports, secondsToReport, iterations } = attempt;
    if (!isConclusive(outcome)) return;
    this.#conclusive++;
    if (!isFailure(outcome)) return;
    this.#failing++;
    const named = reports.find(({ knownIssue }) => knownIssue === issue);
    if (named !== undefined) this.#byFrames++;
    if (secondsToReport !== null) {
      this.#seconds.push(secondsToReport);
      this.#iterations.push(iterations);
    }
    const shown = named ?? reports[0];
    if (shown === undefined || attempt.console === '') return;
    if (this.#first !== null && (named === undefined || this.#firstIsNamed)) return;
    this.#firstIsNamed = named !== undefined;
    const { title, signature, line } = shown;
    this.#first = { title, signature, line, seconds: secondsToReport, console: `${run}/${attempt.console}` };
  }

  summary(): ArmSummary {
    const [seconds, iterations] = [[...this.#seconds], [...this.#iterations]];
    return {
      conclusive: this.#conclusive,
      failing: this.#failing,
      byFrames: this.#byFrames,
      rate: this.#conclusive > 0 ? clopperPearson(this.#failing, this.#conclusive) : null,
      leastSeconds: seconds.length > 0 ? min(seconds) : null,
      medianSeconds: seconds.length > 0 ? median(seconds) : null,
      medianIterations: iterations.length > 0 ? median(iterations) : null,
      first: this.#first,
    };
  }
}
