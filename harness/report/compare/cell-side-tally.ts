import { max, min, quantile } from 'simple-statistics';
import type { StoredAttempt } from '../../results/attempt-schema.js';
import type { StoredCell } from '../../results/manifest.js';
import type { Start } from '../../schedule/boot/opened.js';
import type { AttemptResult } from '../../schedule/types.js';
import { CellTally } from '../cell-tally.js';
import { clopperPearson } from '../interval.js';
import { isConclusive, isFailure } from '../severity.js';
import type { CellSide, Spread } from './types.js';

/** Counts the attempts of one cell in one run. */
export class CellSideTally {
  readonly #shown: CellTally;
  readonly #knownIssues = new Set<string>();
  readonly #starts = new Set<Start>();
  readonly #findings = new Map<string, number>();
  readonly #seconds: number[] = [];
  readonly #iterations: number[] = [];

  constructor(cell: StoredCell) {
    this.#shown = new CellTally(cell);
  }

  add(attempt: StoredAttempt): void {
    const { outcome, start, reports, secondsToReport, iterations } = attempt;
    this.#shown.add(attempt);
    if (!isConclusive(outcome)) return;
    this.#starts.add(start);
    for (const { knownIssue } of reports) if (knownIssue !== null) this.#knownIssues.add(knownIssue);
    if (isFailure(outcome)) {
      const finding = findingOf(attempt);
      this.#findings.set(finding, (this.#findings.get(finding) ?? 0) + 1);
    }
    if (secondsToReport === null) return;
    this.#seconds.push(secondsToReport);
    this.#iterations.push(iterations);
  }

  summary(): CellSide {
    const { outcome, reason, unexpected, failing, conclusive } = this.#shown.summary();
    return {
      outcome,
      reason,
      unexpected,
      knownIssues: [...this.#knownIssues].toSorted(),
      starts: [...this.#starts].toSorted(),
      failing,
      conclusive,
      rate: conclusive > 0 ? clopperPearson(failing, conclusive) : null,
      findings: Object.fromEntries([...this.#findings].toSorted(([, a], [, b]) => b - a)),
      seconds: spreadOf(this.#seconds),
      iterations: spreadOf(this.#iterations),
    };
  }
}

/** A known issue has many victims and so many signatures; its name says that they are one bug. */
function findingOf({ outcome, decisive, reports }: AttemptResult): string {
  const report = decisive === null ? undefined : reports[decisive];
  return report === undefined ? outcome : (report.knownIssue ?? report.signature);
}

function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const sample = [...values];
  return {
    n: sample.length,
    least: min(sample),
    lowerQuartile: quantile(sample, 0.25),
    median: quantile(sample, 0.5),
    upperQuartile: quantile(sample, 0.75),
    most: max(sample),
    distinct: new Set(sample).size,
  };
}
