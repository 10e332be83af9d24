import { printable } from '../../host/printable.js';
import type { Confirmation } from '../../summary/compare/confirm.js';
import {
  confirmationColumns,
  confirmationNotes,
  confirmationRows,
  confirmationVerdict,
} from '../words/confirmation-words.js';
import { renderComparison } from './comparison.js';
import { tableWidth, textTable, wrap } from './text-table.js';

/** What the new attempts say, for people at a terminal: their comparison, then a verdict on each change. */
export function renderConfirmation(confirmation: Confirmation, width: number): string {
  const { comparison } = confirmation;
  const rows = confirmationRows(confirmation).map((row) =>
    row.map((text) => ({ text: printable(text, endless) })),
  );
  const whole = [confirmationColumns.map((text) => ({ text })), ...rows];
  const cells =
    tableWidth(whole) <= width
      ? textTable(whole)
      : rows.flatMap((row) => wrap(row.map(({ text }) => text).join('; '), width, '  '));
  const sections = [
    comparison === null ? [] : ['Made anew:', '', renderComparison(comparison, width).trimEnd()],
    rows.length === 0 ? [] : cells,
    confirmationNotes(confirmation).flatMap((text) => wrap(printable(text, endless), width)),
    wrap(confirmationVerdict(confirmation), width),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

const endless = Number.POSITIVE_INFINITY;
