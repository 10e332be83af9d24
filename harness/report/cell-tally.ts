import { expectedOutcome } from '../diagnosis/index.js';
import type { Outcome } from '../matrix/types.js';
import type { StoredCell } from '../results/manifest.js';
import type { AttemptResult } from '../schedule/types.js';
import { clopperPearson } from '../statistics/clopper-pearson.js';
import { isConclusive, isFailure, isWorse } from './severity.js';
import type { CellSummary } from './types.js';

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

  constructor(cell: StoredCell) {
    this.cell = cell;
  }

  add(attempt: AttemptResult & { readonly console: string }): void {
    const { outcome, reason, console, secondsToReport } = attempt;
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

  summary(): CellSummary {
    const { id, kernel, workload, storage, boot, role, expectation, attempts } = this.cell;
    return {
      id,
      kernel: kernel.id,
      column: `${workload.id}/${storage.id}/${boot.id}`,
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
      reason: this.#worst?.reason ?? '',
      console: this.#worst?.console ?? '',
    };
  }
}
