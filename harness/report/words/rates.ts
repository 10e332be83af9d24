import { triedInBoth } from '../../summary/compare/gaps.js';
import type { CellComparison, CellSide, Comparison, Spread } from '../../summary/compare/types.js';
import { differenceText, verdictText } from '../../summary/compare/verdict-text.js';
import { startNames } from '../../summary/words.js';
import { workText } from '../../summary/work-done.js';
import { rateText } from './cell-text.js';

/** Those that say least about a difference stand last: they are the first to go where columns are scarce. */
export const rateColumns = [
  'cell',
  'run',
  'machines',
  'failing',
  'rates',
  'B less A',
  'what was met',
  'seconds to report',
  'iterations to it',
] as const;

/** Cells whose rates say something: one that passed each of its few attempts in both runs has none worth a line. */
export const withRates = (comparison: Comparison): CellComparison[] =>
  triedInBoth(comparison).filter(
    ({ sides, verdict }) =>
      verdict !== 'undecided' ||
      sides.some(({ failing, findings }) => failing > 0 || Object.keys(findings).length > 0),
  );

/** Two lines per cell, one per run. `text` makes what guests printed safe, `name` names the cell. */
export const rateRows = (
  cells: readonly CellComparison[],
  { text, name }: { readonly text: (text: string) => string; readonly name: (id: string) => string },
): string[][] =>
  cells.flatMap((cell) => cell.sides.map((side, index) => rowOf(cell, side, index, { text, name })));

function rowOf(
  cell: CellComparison,
  { starts, failing, conclusive, rate, findings, seconds, iterations, work, mixed }: CellSide,
  index: number,
  { text, name }: { readonly text: (text: string) => string; readonly name: (id: string) => string },
): string[] {
  const first = index === 0;
  return [
    first ? name(cell.id) : '',
    first ? 'A' : 'B',
    starts.map((start) => startNames[start]).join(', '),
    [`${failing}/${conclusive}`, rate === null ? '' : rateText(rate), workText(work), mixed ? '~' : '']
      .filter(Boolean)
      .join(' '),
    first ? verdictText(cell) : '',
    first ? differenceText(cell) : '',
    Object.entries(findings)
      .map(([finding, times]) => `${text(finding)} × ${times}`)
      .join(', '),
    spreadText(seconds, 1),
    spreadText(iterations, 0),
  ];
}

function spreadText(spread: Spread | null, digits: number): string {
  if (spread === null) return '';
  const { least, lowerQuartile, median, upperQuartile, most } = spread;
  return [least, lowerQuartile, median, upperQuartile, most]
    .map((value) => value.toFixed(digits))
    .join(' / ');
}
