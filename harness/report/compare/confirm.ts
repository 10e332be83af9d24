import type { Verdict } from '../../statistics/judge-rates.js';
import { isApart } from './differences.js';
import type { ConfirmationPlan, PlannedCell } from './plan-confirmation.js';
import type { CellComparison, Comparison } from './types.js';
import { wasTried } from './was-tried.js';

/** What became of the changes that two runs left open, once attempts were made for it on both runs' images. Plain data. */
export interface Confirmation {
  /** Judged by the new attempts alone: those that raised the question can't answer it. */
  readonly cells: readonly ConfirmedCell[];
  readonly leftOut: readonly string[];
  /** Ids of the cells that matrix.yml gives otherwise by now than run A, and run B, had them. */
  readonly changedSince: readonly [readonly string[], readonly string[]];
  /** The new runs, compared; null where there was nothing to run. */
  readonly comparison: Comparison | null;
}

export interface ConfirmedCell extends PlannedCell {
  /** Apart: the change is there. Alike: it isn't, or is smaller than the margin. */
  readonly verdict: Verdict;
}

/** @param comparison of the new runs; null where there was nothing to run */
export function confirmationOf(
  plan: ConfirmationPlan,
  comparison: Comparison | null,
  changedSince: Confirmation['changedSince'] = [[], []],
): Confirmation {
  const made = new Map(comparison?.cells.map((cell) => [cell.id, cell]));
  return {
    cells: plan.cells.map((cell) => ({ ...cell, verdict: verdictOf(made.get(cell.id)) })),
    leftOut: plan.leftOut,
    changedSince,
    comparison,
  };
}

/** Rates of failure alone don't say it: all may fail in both runs, each in its own way. */
function verdictOf(cell: CellComparison | undefined): Verdict {
  if (cell === undefined || !cell.sides.every(wasTried)) return 'undecided';
  const { changes, sides, probability } = cell;
  if (isApart(cell) || changes.some(({ judged }) => judged.verdict === 'apart')) return 'apart';
  // what both kernels lack, in every attempt, has no rate
  const sameWithoutRate = probability === null && sides[0].outcome === sides[1].outcome;
  const areAlike = cell.verdict === 'alike' || sameWithoutRate;
  return areAlike && changes.every(({ judged }) => judged.verdict === 'alike') ? 'alike' : 'undecided';
}

/** Whether all that differed in the two runs turned out alike, by their own attempts or by those made for it. */
export function isRefuted(comparison: Comparison, { cells, leftOut }: Confirmation): boolean {
  const alike = new Set(cells.filter(({ verdict }) => verdict === 'alike').map(({ id }) => id));
  return (
    comparison.method.cells.compared > 0 &&
    leftOut.length === 0 &&
    cells.length === alike.size &&
    comparison.cells.every(
      (cell) =>
        !isApart(cell) &&
        cell.changes.every(
          ({ judged: { verdict } }) => verdict === 'alike' || (verdict === 'undecided' && alike.has(cell.id)),
        ),
    )
  );
}
