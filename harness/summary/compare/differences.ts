import { mostAttempts } from '../../statistics/attempts-to-decide.js';
import { cellLabel } from './cell-questions.js';
import { standsFor } from './endings.js';
import { triedInBoth } from './gaps.js';
import { sideText } from './side-text.js';
import type { CellComparison, Change, Comparison } from './types.js';
import { verdictText } from './verdict-text.js';

/**
 * Whether no cell ended in another outcome or signature, and no rates are apart; what `kmatrix compare` exits 1 for where not.
 * A cell without attempts in one run is no difference, nobody knows; but runs of such cells alone say nothing.
 */
export const agrees = (comparison: Comparison): boolean =>
  triedInBoth(comparison).length > 0 && comparison.cells.every((cell) => !isChanged(cell) && !isApart(cell));

const isChanged = ({ changes }: CellComparison): boolean => changes.length > 0;

/** By its rate of failure. */
export const isApart = ({ verdict }: CellComparison): boolean => verdict === 'apart';

/** Cells that a person would call different, whatever their rates say: what nightlies of one attempt per cell are read for. */
export const changed = ({ cells }: Comparison): CellComparison[] => cells.filter(isChanged);

export const differenceColumns = ['cell', 'A', 'B', 'changed', 'failure rates', 'to decide'] as const;

/**
 * vanilla-3.8 pidns-exec | stable 0/1 | oops 1/1, #407 ! | #407 only in B | undecided, p 1 | 54 each
 *
 * @param text makes a name safe and bounds its length; lists of names are told to their ends
 */
export function differenceRow(cell: CellComparison, text: (name: string) => string): string[] {
  const {
    id,
    sides: [one, other],
    changes,
  } = cell;
  return [
    cellLabel(id),
    sideText(one, text),
    sideText(other, text),
    changesText(changes, text),
    verdictText(cell),
    attemptsText(changes),
  ];
}

/** An outcome and the signature that is all of it are one change to a reader. */
function changesText(changes: readonly Change[], text: (name: string) => string): string {
  return changes
    .filter((change) => standsFor(change, changes) === change)
    .map(({ name, onlyIn, counts }) =>
      onlyIn === null ? `${text(name)} ${countsText(counts)}` : `${text(name)} only in ${onlyIn}`,
    )
    .join(', ');
}

/** 2/20 and 8/20 */
export const countsText = ([one, other]: Change['counts']): string =>
  `${one.failing}/${one.of} and ${other.failing}/${other.of}`;

function attemptsText(changes: readonly Change[]): string {
  const needed = attemptsNeeded(changes);
  if (needed === 0) return 'decided';
  return needed === null ? `over ${mostAttempts} each` : `${needed} each`;
}

/** Attempts of each run that would decide every change of a cell; 0 where all are decided, null for more than anybody runs. */
export function attemptsNeeded(changes: readonly Change[]): number | null {
  if (changes.some(({ attempts }) => attempts === null)) return null;
  return Math.max(0, ...changes.map(({ attempts }) => attempts ?? 0));
}
