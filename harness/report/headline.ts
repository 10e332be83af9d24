import type { RunSummary } from './types.js';

/** The first words of every rendering: whether this run says anything at all, then what it says. */
export function headline({ controls: { held, cells }, attempts }: RunSummary): string {
  const { finished, planned, unexpected, damaged } = attempts;
  const verdict = held ? `controls held (${cells.length} of ${cells.length})` : 'no verdict: controls failed';
  const left = damaged > 0 ? `, ${damaged} damaged lines left out` : '';
  return `${verdict}; ${finished} of ${planned} attempts finished, ${unexpected} unexpected${left}`;
}
