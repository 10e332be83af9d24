import { type Judged, judgeRates, type Verdict } from '../../statistics/judge-rates.js';
import { hasNoQuestion, wasTried } from './cell-questions.js';
import { isApart } from './differences.js';
import { type Ending, endingOf, standsFor } from './endings.js';
import type { ConfirmationPlan, PlannedCell } from './plan-confirmation.js';
import type { CellComparison, Comparison } from './types.js';

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
  readonly changes: readonly ConfirmedChange[];
  /** Apart: a change is there. Alike: none is, or each is smaller than the margin. */
  readonly verdict: Verdict;
}

/** A change that was put to the test, and in how many of the new attempts it came. */
export interface ConfirmedChange extends Ending {
  /** Null where a new run has no attempts. */
  readonly judged: Judged | null;
}

/** @param comparison of the new runs; null where there was nothing to run */
export function confirmationOf(
  plan: ConfirmationPlan,
  comparison: Comparison | null,
  changedSince: Confirmation['changedSince'] = [[], []],
): Confirmation {
  const made = new Map(comparison?.cells.map((cell) => [cell.id, cell]));
  const judged = judgePlanned(plan.cells, made);
  return {
    cells: plan.cells.map((cell, index) => {
      const changes = judged[index] ?? [];
      return { ...cell, changes, verdict: verdictOf(made.get(cell.id), changes) };
    }),
    leftOut: plan.leftOut,
    changedSince,
    comparison,
  };
}

/**
 * What was asked is judged whatever the new runs show: a signature that both of them met, at rates that aren't apart, is no
 * change between them, and is not alike for that. The questions were there before the attempts: they alone count in the correction.
 */
function judgePlanned(
  cells: readonly PlannedCell[],
  made: ReadonlyMap<string, CellComparison>,
): ConfirmedChange[][] {
  const endings = cells.map(({ id, changes }) => {
    const sides = made.get(id)?.sides;
    return changes.map((change): { readonly tried: boolean } & Ending => ({
      tried: sides?.every(wasTried) ?? false,
      ...(sides === undefined ? { ...change, counts: [none, none] } : endingOf(sides, change)),
    }));
  });
  const asked = endings.flatMap((mine) => mine.filter((one) => one.tried && one === standsFor(one, mine)));
  const verdicts = judgeRates(asked.map(({ counts }) => counts));
  const judged = new Map(asked.map((ending, index) => [ending, verdicts[index]] as const));
  return endings.map((mine) =>
    mine.map((one) => {
      const { kind, name, counts } = one;
      return { kind, name, counts, judged: judged.get(standsFor(one, mine)) ?? null };
    }),
  );
}

const none = { failing: 0, of: 0 } as const;

/** Rates of failure alone don't say it: all may fail in both runs, each in its own way. */
function verdictOf(cell: CellComparison | undefined, planned: readonly ConfirmedChange[]): Verdict {
  if (cell === undefined || !cell.sides.every(wasTried)) return 'undecided';
  const all = [...planned, ...cell.changes].map(({ judged }) => judged?.verdict ?? 'undecided');
  if (isApart(cell) || all.includes('apart')) return 'apart';
  const areAlike = cell.verdict === 'alike' || hasNoQuestion(cell);
  return areAlike && all.every((verdict) => verdict === 'alike') ? 'alike' : 'undecided';
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
