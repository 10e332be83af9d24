import type { AttemptResult } from '../../attempt/types.js';
import type { Outcome } from '../../matrix/types.js';
import type { StoredAttempt } from '../../results/attempt-schema.js';
import type { StoredCell } from '../../results/manifest.js';
import { clopperPearson } from '../../statistics/clopper-pearson.js';
import { quantile } from '../../statistics/quantile.js';
import type { Start } from '../../templates/opened.js';
import { CellTally } from '../cell-tally.js';
import { isConclusive, isFailure } from '../severity.js';
import type { CellSide, Spread } from './types.js';

/** Counts the attempts of one cell in one run. */
export class CellSideTally {
  readonly #shown: CellTally;
  readonly #knownIssues = new Set<string>();
  readonly #starts = new Set<Start>();
  readonly #outcomes = new Map<Outcome, number>();
  readonly #findings = new Map<string, number>();
  readonly #seconds: number[] = [];
  readonly #iterations: number[] = [];

  constructor(cell: StoredCell) {
    this.#shown = new CellTally(cell);
  }

  add(attempt: StoredAttempt): void {
    const { outcome, start, reports, secondsToReport, iterations } = attempt;
    this.#shown.add(attempt);
    if (isConclusive(outcome) || outcome === 'unsupported') addOne(this.#outcomes, outcome);
    if (!isConclusive(outcome)) return;
    this.#starts.add(start);
    for (const { knownIssue } of reports) if (knownIssue !== null) this.#knownIssues.add(knownIssue);
    for (const finding of findingsOf(attempt)) addOne(this.#findings, finding);
    if (secondsToReport === null) return;
    this.#seconds.push(secondsToReport);
    this.#iterations.push(iterations);
  }

  /** See CellTally. */
  summary(differ: (sessions: readonly string[]) => boolean): CellSide {
    const { outcome, reason, unexpected, failing, conclusive, work, mixed } = this.#shown.summary(differ);
    return {
      outcome,
      reason,
      unexpected,
      work,
      mixed,
      knownIssues: [...this.#knownIssues].toSorted(),
      starts: [...this.#starts].toSorted(),
      failing,
      conclusive,
      rate: conclusive > 0 ? clopperPearson(failing, conclusive) : null,
      outcomes: Object.fromEntries(this.#outcomes),
      findings: Object.fromEntries([...this.#findings].toSorted(([, a], [, b]) => b - a)),
      seconds: spreadOf(this.#seconds),
      iterations: spreadOf(this.#iterations),
    };
  }
}

/** A known issue has many victims and so many signatures; its name says that they are one bug. */
function findingsOf({ outcome, decisive, reports }: AttemptResult): ReadonlySet<string> {
  const before = decisive === null ? reports : reports.slice(0, decisive + 1);
  const later = reports.flatMap(({ knownIssue }) => (knownIssue === null ? [] : [knownIssue]));
  const found = [...before.map(({ knownIssue, signature }) => knownIssue ?? signature), ...later];
  return new Set(isFailure(outcome) && decisive === null ? [outcome, ...found] : found);
}

const addOne = <Key>(counts: Map<Key, number>, key: Key): Map<Key, number> =>
  counts.set(key, (counts.get(key) ?? 0) + 1);

function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const sample = [...values];
  return {
    n: sample.length,
    least: quantile(sample, 0),
    lowerQuartile: quantile(sample, 0.25),
    median: quantile(sample, 0.5),
    upperQuartile: quantile(sample, 0.75),
    most: quantile(sample, 1),
    distinct: new Set(sample).size,
  };
}
