import { printable } from '../../host/printable.js';
import { rateText } from '../cell-text.js';
import { table } from '../markdown-table.js';
import { markdownText } from '../markdown-text.js';
import { textTable, wrap } from '../text-table.js';
import type { CellComparison, CellSide, Comparison, Spread, Verdict } from './types.js';

/** A comparison for people at a terminal. */
export function renderComparison(comparison: Comparison, width: number): string {
  const rows = rowsOf(comparison, (text) => printable(text, 200));
  const lines = [
    ...wrap(headline(comparison), width),
    '',
    ...textTable(rows.map((row) => row.map((text) => ({ text })))),
    '',
    ...closing(comparison).flatMap((text) => wrap(text, width)),
  ];
  return `${lines.join('\n')}\n`;
}

/** The same as a page to publish. */
export function renderComparisonMarkdown(comparison: Comparison): string {
  const lines = [
    '# Two runs compared',
    '',
    headline(comparison),
    '',
    ...table(rowsOf(comparison, markdownText)),
    '',
    ...closing(comparison).flatMap((text) => [text, '']),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

/** Whether no cell's failure rates are apart; what `kmatrix compare` exits 1 for where not. */
export const agrees = ({ cells }: Comparison): boolean => cells.every(({ verdict }) => verdict !== 'apart');

function headline({ runs: [one, other], cells }: Comparison): string {
  const count = (wanted: Verdict): number => cells.filter(({ verdict }) => verdict === wanted).length;
  return (
    `Run A is ${one.id} (seed ${one.seed}, ${one.accelerator}), run B is ${other.id} (seed ${other.seed}, ${other.accelerator}). ` +
    `Of ${cells.length} cells that both have, the 95 % intervals of the failure rate overlap in ${count('alike')} and don't in ` +
    `${count('apart')}; in ${count('too few')} there are too few attempts to tell.`
  );
}

function rowsOf({ cells }: Comparison, text: (text: string) => string): string[][] {
  const heading = [
    'cell',
    'run',
    'machines',
    'failing',
    'rates',
    'what decided',
    'seconds to report',
    'iterations to it',
  ];
  return [
    heading,
    ...cells.flatMap((cell) => cell.sides.map((side, index) => rowOf(cell, side, index, text))),
  ];
}

function rowOf(
  { id, verdict }: CellComparison,
  { starts, failing, conclusive, rate, findings, seconds, iterations }: CellSide,
  index: number,
  text: (text: string) => string,
): string[] {
  const first = index === 0;
  return [
    first ? id : '',
    first ? 'A' : 'B',
    starts.map((start) => (start === 'cold' ? 'booted' : 'restored')).join(', '),
    `${failing}/${conclusive}${rate === null ? '' : ` ${rateText(rate)}`}`,
    first ? verdict : '',
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

function closing({ missing }: Comparison): string[] {
  const legend =
    'Failing: attempts in which the kernel or its operation failed, of those that say anything about it, with the 95 % ' +
    'interval (Clopper-Pearson). A report is counted under its known issue, or under its signature. Times and iterations, from ' +
    "the workload's start to the first report: least / lower quartile / median / upper quartile / most.";
  return missing.length === 0 ? [legend] : [legend, `Only in one of the two: ${missing.join(', ')}.`];
}
