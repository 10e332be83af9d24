import type { StoredAttempt } from '../../results/attempt-schema.js';
import { isCandidate, isNamed } from '../attribute.js';

/** A report to show, and where it stands. */
export interface FirstReport {
  readonly title: string;
  readonly seconds: number | null;
  /** Path of its console from the folder that holds the runs. */
  readonly console: string;
  /** Line of the console where it begins, from 1. */
  readonly line: number;
}

/** An attempt and the name of its run's folder. */
export interface RecordedAttempt {
  readonly run: string;
  readonly attempt: StoredAttempt;
}

/** The first report whose frames are the issue's, else the first of any failure that has a console; null without one. */
export function firstReport(told: readonly RecordedAttempt[], knownIssue: string): FirstReport | null {
  const failing = told.filter(
    ({ attempt }) => isCandidate(attempt, knownIssue) && attempt.console !== '' && attempt.reports.length > 0,
  );
  const chosen = failing.find(({ attempt }) => isNamed(attempt, knownIssue)) ?? failing[0];
  if (chosen === undefined) return null;
  const { run, attempt } = chosen;
  const report = attempt.reports.find((one) => one.knownIssue === knownIssue) ?? attempt.reports[0];
  if (report === undefined) return null;
  const { title, line } = report;
  return { title, line, seconds: attempt.secondsToReport, console: `${run}/${attempt.console}` };
}
