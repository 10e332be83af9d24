import { printable } from '../../host/printable.js';
import { mostAttempts } from '../../statistics/attempts-to-decide.js';
import { cellLabel } from '../../summary/compare/cell-label.js';
import type { Confirmation, ConfirmedCell, ConfirmedChange } from '../../summary/compare/confirm.js';
import { countsText } from '../../summary/compare/differences.js';
import { standsFor } from '../../summary/compare/endings.js';
import { countedOutcome } from '../../summary/compare/side-text.js';
import { counted } from '../../summary/counted.js';
import { table } from '../markdown-table.js';
import { markdownText } from '../markdown-text.js';
import { tableWidth, textTable, wrap } from '../text-table.js';
import { renderComparison, renderComparisonMarkdown } from './comparison-text.js';

/** What the new attempts say, for people at a terminal: their comparison, then a verdict on each change. */
export function renderConfirmation(confirmation: Confirmation, width: number): string {
  const { comparison } = confirmation;
  const rows = rowsOf(confirmation).map((row) => row.map((text) => ({ text: printable(text, endless) })));
  const whole = [columns.map((text) => ({ text })), ...rows];
  const cells =
    tableWidth(whole) <= width
      ? textTable(whole)
      : rows.flatMap((row) => wrap(row.map(({ text }) => text).join('; '), width, '  '));
  const sections = [
    comparison === null ? [] : ['Made anew:', '', renderComparison(comparison, width).trimEnd()],
    rows.length === 0 ? [] : cells,
    notesOf(confirmation).flatMap((text) => wrap(printable(text, endless), width)),
    wrap(confirmationVerdict(confirmation), width),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** The same as a section of the page. */
export function confirmationMarkdown(confirmation: Confirmation): string {
  const { comparison } = confirmation;
  const rows = rowsOf(confirmation).map((row) => row.map((text) => markdownText(text, endless)));
  const lines = [
    '# Confirmed by new attempts',
    '',
    `**${confirmationVerdict(confirmation)}**`,
    '',
    ...(rows.length === 0 ? [] : [...table([columns, ...rows]), '']),
    ...notesOf(confirmation).flatMap((text) => [markdownText(text, endless), '']),
    ...(comparison === null ? [] : [renderComparisonMarkdown(comparison).replace(/^#/gm, '##')]),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

const endless = Number.POSITIVE_INFINITY;

const columns = ['cell', 'A made anew', 'B made anew', 'put to the test', 'attempts of each', 'verdict'];

const rowsOf = ({ cells, comparison }: Confirmation): string[][] =>
  cells.map(({ id, attempts, changes, verdict }) => {
    const sides = comparison?.cells.find((cell) => cell.id === id)?.sides ?? [];
    const [one = '', other = ''] = sides.map((side) => `${countedOutcome(side)}${side.mixed ? ' ~' : ''}`);
    return [cellLabel(id), one, other, changesText(changes), String(attempts), verdictWords[verdict]];
  });

/** oops:one 2/20 and 8/20, undecided */
const changesText = (changes: readonly ConfirmedChange[]): string =>
  changes
    .filter((change) => standsFor(change, changes) === change)
    .map(({ name, counts, judged }) =>
      [
        printable(name, 120),
        judged === null ? 'not judged' : `${countsText(counts)}, ${judged.verdict}`,
      ].join(' '),
    )
    .join('; ');

const verdictWords: Readonly<Record<ConfirmedCell['verdict'], string>> = {
  apart: 'apart: the change is there',
  alike: 'alike: it is not, or is within the margin',
  undecided: 'undecided still',
};

function notesOf({ leftOut, changedSince }: Confirmation): string[] {
  return [
    ...(leftOut.length === 0
      ? []
      : [
          `Not made, as it would take over ${mostAttempts} attempts of each run (--attempts N makes as many as you like): ${leftOut.map(cellLabel).join(', ')}.`,
        ]),
    ...changedSince.flatMap((ids, side) =>
      ids.length === 0
        ? []
        : [
            `matrix.yml has changed since run ${side === 0 ? 'A' : 'B'}: its images were used, and the workload as it is now in both, of ${ids.map(cellLabel).join(', ')}.`,
          ],
    ),
  ];
}

/** 2 of 3 changes confirmed, 1 not, 0 undecided. */
function confirmationVerdict({ cells, leftOut }: Confirmation): string {
  if (cells.length === 0)
    return leftOut.length > 0
      ? 'No change was put to the test.'
      : 'Nothing to confirm: no change is open between these runs.';
  const count = (wanted: ConfirmedCell['verdict']): number =>
    cells.filter(({ verdict }) => verdict === wanted).length;
  return `Of ${counted(cells.length, 'changed cell')}, judged by the new attempts alone, ${count('apart')} apart, ${count('alike')} alike, ${count('undecided')} undecided.`;
}
