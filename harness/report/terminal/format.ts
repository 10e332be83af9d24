import type { ReportFormat } from '../format.js';
import { renderComparison } from './comparison.js';
import { renderConfirmation } from './confirmation.js';
import { renderTerminal } from './run.js';

export const terminal: ReportFormat = {
  name: 'terminal',
  file: 'table.txt',
  run: (summary, { width, colour, folder }) => renderTerminal(summary, { width, color: colour, folder }),
  comparison: ({ comparison, confirmation }, { width }) =>
    [
      renderComparison(comparison, width),
      ...(confirmation === null ? [] : [renderConfirmation(confirmation, width)]),
    ].join('\n'),
};
