import { columnIdOf, columnLabel, partsOfCellId } from '../../matrix/cell-id.js';
import type { CellComparison, CellSide } from './types.js';

/** Is there something to compare with the other run? Where only the harness failed, nothing is known of the kernel. */
export const wasTried = ({ outcome, conclusive }: CellSide): boolean =>
  outcome !== 'unavailable' && outcome !== 'pending' && (outcome !== 'harness-error' || conclusive > 0);

/** What both kernels lack, in every attempt of a run, has no rate, and leaves nothing to decide. */
export const hasNoQuestion = ({ probability, sides: [one, other] }: CellComparison): boolean =>
  probability === null && one.outcome === other.outcome;

/** A cell as tables name it: vanilla-3.2 lifecycle overlay. Its id is half as long again. */
export function cellLabel(id: string): string {
  const { kernel, ...column } = partsOfCellId(id);
  return `${kernel} ${columnLabel(columnIdOf(column))}`;
}
