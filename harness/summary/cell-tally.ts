import { expectedOutcome } from '../diagnosis/expectation.js';
import { columnIdOf, partsOfCellId } from '../matrix/cell-id.js';
import type { Outcome } from '../matrix/types.js';
import type { StoredAttempt } from '../results/attempt-schema.js';
import type { StoredCell } from '../results/manifest.js';
import { clopperPearson } from '../statistics/clopper-pearson.js';
import { isConclusive, isFailure, isWorse } from './severity.js';
import type { CellSummary } from './types.js';
import { WorkTally } from './work-done.js';

/** Counts a cell's attempts as they are read. */
export class CellTally {
  readonly cell: StoredCell;
  #worst: { readonly outcome: Outcome; readonly reason: string; readonly console: string } | undefined;
  #finished = 0;
  #failing = 0;
  #conclusive = 0;
  #unexpected = 0;
  #harnessErrors = 0;
  #firstReport: number | null = null;
  #missingFrames: number | null = null;
  #overflow: number | null = null;
  readonly #work = new WorkTally();
  readonly #sessions = new Set<string>();

  constructor(cell: StoredCell) {
    this.cell = cell;
  }

  add(attempt: StoredAttempt): void {
    const { outcome, reason, console, secondsToReport, missingFrames, overflow } = attempt;
    this.#work.add(attempt);
    this.#sessions.add(attempt.session);
    this.#missingFrames = sum(this.#missingFrames, missingFrames);
    this.#overflow = sum(this.#overflow, overflow);
    this.#finished++;
    if (isFailure(outcome)) this.#failing++;
    if (isConclusive(outcome)) this.#conclusive++;
    if (outcome === 'harness-error') this.#harnessErrors++;
    if (!expectedOutcome(this.cell, attempt)) this.#unexpected++;
    if (this.#worst === undefined || isWorse(outcome, this.#worst.outcome)) {
      this.#worst = { outcome, reason, console };
    }
    if (secondsToReport !== null) {
      this.#firstReport = Math.min(secondsToReport, this.#firstReport ?? secondsToReport);
    }
  }

  /** @param differ whether sessions of these ids differ in what they ran on */
  summary(differ: (sessions: readonly string[]) => boolean): CellSummary {
    const sessions = [...this.#sessions].toSorted();
    const { id, kernel, role, expectation, attempts } = this.cell;
    return {
      id,
      kernel: kernel.id,
      column: columnIdOf(partsOfCellId(id)),
      role,
      expectation,
      outcome: this.#worst?.outcome ?? 'pending',
      attempts,
      finished: this.#finished,
      failing: this.#failing,
      conclusive: this.#conclusive,
      rate: this.#conclusive > 1 ? clopperPearson(this.#failing, this.#conclusive) : null,
      secondsToFirstReport: this.#firstReport,
      unexpected: this.#unexpected,
      harnessErrors: this.#harnessErrors,
      work: this.#work.summary(),
      sessions,
      mixed: sessions.length > 1 && differ(sessions),
      missingFrames: this.#missingFrames,
      overflow: this.#overflow,
      reason: this.#worst?.reason ?? '',
      console: this.#worst?.console ?? '',
    };
  }
}

/** What isn't known adds nothing, and of nothing else nothing is known. */
const sum = (one: number | null, other: number | null): number | null =>
  other === null ? one : (one ?? 0) + other;
