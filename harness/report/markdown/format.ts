import type { ReportFormat } from '../format.js';
import { renderComparisonMarkdown } from './comparison.js';
import { confirmationMarkdown } from './confirmation.js';
import { renderMarkdown } from './run.js';

export const markdown: ReportFormat = {
  name: 'markdown',
  file: 'table.md',
  run: (summary) => renderMarkdown(summary),
  comparison: ({ comparison, confirmation }) =>
    [
      renderComparisonMarkdown(comparison),
      ...(confirmation === null ? [] : [confirmationMarkdown(confirmation)]),
    ].join('\n'),
};
