import type { Outcome } from '../matrix/types.js';
import type { CellSummary, Column, ReasonGroup } from './types.js';

/** A guest may word its reason anew each time; what follows is in the cells. */
const maximumGroups = 200;

/**
 * Cells that aren't stable although nothing was reported, by workload, outcome and reason: a killed operation, a feature
 * that this kernel lacks, a failure of ours. Unavailable kernels have their own lines.
 */
export function reasonGroups(cells: readonly CellSummary[], columns: readonly Column[]): ReasonGroup[] {
  const labels = new Map(columns.map(({ id, label }) => [id, label]));
  const groups = new Map<string, ReasonGroup & { readonly kernels: string[] }>();
  for (const { column, outcome, reason, kernel, console, secondsToFirstReport } of cells) {
    if (!needsReason(outcome) || secondsToFirstReport !== null) continue;
    const id = JSON.stringify([column, outcome, reason]);
    const known = groups.get(id);
    if (known !== undefined) known.kernels.push(kernel);
    else if (groups.size < maximumGroups) {
      groups.set(id, { column: labels.get(column) ?? column, outcome, reason, kernels: [kernel], console });
    }
  }
  return [...groups.values()];
}

const needsReason = (outcome: CellSummary['outcome']): outcome is Outcome =>
  outcome !== 'stable' && outcome !== 'pending' && outcome !== 'unavailable';
