import { missingUserlands } from './missing-userlands.js';
import type { RunSummary } from './types.js';
import { counted } from './words.js';

/** The first words of every rendering: whether this run says anything at all, then what it says. */
export function headline({ controls, attempts, cells, kernels }: RunSummary): string {
  const { finished, planned, unexpected, damaged } = attempts;
  const { held, verdict: words, cells: all } = controls;
  const verdict = held
    ? `controls held (${all.length} of ${all.length})`
    : `no verdict: ${words.split(':')[0]}`;
  const asked = cells.filter(({ outcome }) => outcome === 'unavailable');
  const without = [
    counted(kernels.filter(({ unavailable: reason }) => reason !== null).length, 'kernel'),
    counted(missingUserlands(cells).length, 'userland'),
  ].filter((text) => !text.startsWith('0 '));
  const unavailable = asked.reduce((sum, cell) => sum + cell.finished, 0);
  const absent =
    unavailable > 0 ? `, ${unavailable} of them unavailable (${without.join(', ') || '0 kernels'})` : '';
  const left = damaged > 0 ? `, ${damaged} damaged lines left out` : '';
  return `${verdict}; ${finished} of ${planned} attempts finished${absent}, ${unexpected} unexpected${left}`;
}
