import { cellLabel } from './cell-label.js';
import { triedInBoth } from './gaps.js';
import type { CellComparison, CellSide, Comparison } from './types.js';

/**
 * Whether no cell ended in another outcome or bug, and no cell's failure rates are apart; what `kmatrix compare` exits 1
 * for where not. A cell without attempts in one run is no difference, nobody knows; but runs of such cells alone say nothing.
 */
export const agrees = (comparison: Comparison): boolean =>
  triedInBoth(comparison).length > 0 &&
  comparison.cells.every(({ change, verdict }) => change === null && verdict !== 'apart');

/** Cells that a person would call different, whatever their rates say: what nightlies of one attempt a cell are read for. */
export const changed = ({ cells }: Comparison): CellComparison[] =>
  cells.filter(({ change }) => change !== null);

export const differenceColumns = ['cell', 'A', 'B', 'rates'] as const;

/** vanilla-3.8 pidns-exec | stable 0/1 | oops 1/1, #407 ! | too few attempts to tell */
export function differenceRow({ id, sides: [one, other], verdict }: CellComparison): string[] {
  return [cellLabel(id), sideText(one), sideText(other), verdictText[verdict]];
}

function sideText({ outcome, failing, conclusive, knownIssues, unexpected }: CellSide): string {
  const counted = conclusive > 0 ? `${outcome} ${failing}/${conclusive}` : outcome;
  const issue =
    knownIssues.length > 0 ? `, ${knownIssues.join(', ')}` : failing > 0 ? ', no known issue' : '';
  return `${counted}${issue}${unexpected > 0 ? ' !' : ''}`;
}

const verdictText: Readonly<Record<CellComparison['verdict'], string>> = {
  apart: 'apart',
  alike: 'overlap',
  'too few': 'too few attempts to tell',
};
