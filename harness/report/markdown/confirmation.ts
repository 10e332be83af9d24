import type { Confirmation } from '../../summary/compare/confirm.js';
import {
  confirmationColumns,
  confirmationNotes,
  confirmationRows,
  confirmationVerdict,
} from '../words/confirmation-words.js';
import { renderComparisonMarkdown } from './comparison.js';
import { table } from './table.js';
import { markdownText } from './text.js';

/** What the new attempts say, as a section of the page. */
export function confirmationMarkdown(confirmation: Confirmation): string {
  const { comparison } = confirmation;
  const rows = confirmationRows(confirmation).map((row) => row.map((text) => markdownText(text, endless)));
  const lines = [
    '# Confirmed by new attempts',
    '',
    `**${confirmationVerdict(confirmation)}**`,
    '',
    ...(rows.length === 0 ? [] : [...table([confirmationColumns, ...rows]), '']),
    ...confirmationNotes(confirmation).flatMap((text) => [markdownText(text, endless), '']),
    ...(comparison === null ? [] : [renderComparisonMarkdown(comparison).replace(/^#/gm, '##')]),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

const endless = Number.POSITIVE_INFINITY;
