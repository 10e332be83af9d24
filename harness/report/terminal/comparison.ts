import { printable } from '../../host/printable.js';
import { cellLabel } from '../../summary/compare/cell-questions.js';
import { changed, differenceColumns, differenceRow } from '../../summary/compare/differences.js';
import { gapLines, triedInBoth } from '../../summary/compare/gaps.js';
import { sourcesText } from '../../summary/compare/sources.js';
import type { Comparison } from '../../summary/compare/types.js';
import { userlandText } from '../../summary/compare/userlands.js';
import {
  boundedName,
  changesText,
  closing,
  ratesText,
  runsText,
  verdictText,
} from '../words/comparison-words.js';
import { rateColumns, rateRows, withRates } from '../words/rates.js';
import { tableWidth, textTable, wrap } from './text-table.js';

/** A comparison for people at a terminal: what differs, what can't be compared, then the rates. */
export function renderComparison(comparison: Comparison, width: number): string {
  const gaps = gapLines(comparison).map((line) => printable(line, 500));
  const sections = [
    [...wrap(runsText(comparison), width), ...wrap(verdictText(comparison), width)],
    differences(comparison, width),
    changed(comparison).length === 0 ? [] : wrap(changesText(comparison), width),
    gaps.flatMap((line) => wrap(line, width)),
    triedInBoth(comparison).length === 0 ? [] : wrap(ratesText(comparison), width),
    rates(comparison, width),
    comparison.userlands.flatMap((one) => wrap(printable(userlandText(one), 1000), width)),
    comparison.sources.length === 0 ? [] : wrap(printable(sourcesText(comparison.sources), 4000), width),
    closing(comparison).flatMap((text) => wrap(text, width)),
    // a terminal shows its last lines
    wrap(verdictText(comparison), width),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** A line per cell: side by side where that fits, else as a sentence. */
function differences(comparison: Comparison, width: number): string[] {
  const rows = changed(comparison).map((cell) => differenceRow(cell, boundedName));
  if (rows.length === 0) return [];
  const whole = [[...differenceColumns], ...rows].map((row) => row.map((text) => ({ text })));
  const legend = rows.some((row) => row.some((text) => text.endsWith(' !'))) ? ['! not as expected'] : [];
  if (tableWidth(whole) <= width) return [...textTable(whole), ...legend];
  return [
    ...rows.flatMap(([cell = '', one = '', other = '', change = '', rates = '', attempts = '']) => [
      ...wrap(`${cell}:`, width),
      ...wrap(`A ${one}; B ${other}; ${change}; rates: ${rates}; to decide: ${attempts}`, width, '  '),
    ]),
    ...legend,
  ];
}

/** What was met is cut before it goes; what is left out of a narrow terminal is named below the table. */
function rates(comparison: Comparison, width: number): string[] {
  const cells = withRates(comparison);
  if (cells.length === 0) return [];
  for (const { without, signature } of narrower) {
    const text = (finding: string): string => printable(finding, signature);
    const kept = [...rateColumns.keys()].filter((at) => !without.includes(rateColumns[at] ?? ''));
    const rows = [[...rateColumns], ...rateRows(cells, { text, name: cellLabel })].map((row) =>
      kept.map((at) => ({ text: row[at] ?? '' })),
    );
    if (tableWidth(rows) > width && without !== narrower.at(-1)?.without) continue;
    const left = without.length === 0 ? [] : wrap(`No room for: ${without.join(', ')}.`, width);
    return [...textTable(rows), ...left];
  }
  return [];
}

const narrower: readonly { readonly without: readonly string[]; readonly signature: number }[] = [
  { without: [], signature: 200 },
  { without: [], signature: 40 },
  { without: ['iterations to it'], signature: 40 },
  { without: ['machines', 'iterations to it'], signature: 40 },
  { without: ['seconds to report', 'iterations to it'], signature: 40 },
  { without: ['machines', 'seconds to report', 'iterations to it'], signature: 40 },
  { without: ['machines', 'seconds to report', 'iterations to it'], signature: 20 },
  { without: ['machines', 'what was met', 'seconds to report', 'iterations to it'], signature: 0 },
  {
    without: ['machines', 'B less A', 'what was met', 'seconds to report', 'iterations to it'],
    signature: 0,
  },
];
