import type { CellSummary } from './types.js';

/** How much of a cell is shown, where columns are scarce. */
export type CellDetail = 'full' | 'short' | 'word';

/** oops 3/5 (15-95 %) 2.1 s !   outcome, k of n failing, 95 % interval, time to first report, ! where unexpected */
export function cellText(cell: CellSummary | undefined, detail: CellDetail): string {
  if (cell === undefined) return '';
  const unexpected = cell.unexpected > 0 ? ['!'] : [];
  if (detail === 'word') return [cell.outcome, ...unexpected].join(' ');
  const counted = cell.conclusive > 0 ? [`${cell.failing}/${cell.conclusive}`] : [];
  const left = cell.finished < cell.attempts && cell.finished > 0 ? [`of ${cell.attempts}`] : [];
  const interval = detail === 'full' && cell.rate !== null ? [rateText(cell.rate)] : [];
  const seconds = cell.secondsToFirstReport === null ? [] : [`${secondsText(cell.secondsToFirstReport)}`];
  const ours = cell.harnessErrors > 0 ? [`+${cell.harnessErrors} harness`] : [];
  return [cell.outcome, ...counted, ...left, ...interval, ...seconds, ...ours, ...unexpected].join(' ');
}

/** (15-95 %) */
export const rateText = ({ low, high }: { readonly low: number; readonly high: number }): string =>
  `(${Math.round(low * 100)}-${Math.round(high * 100)} %)`;

/** 2.1 s, 14 s, 3 min */
export function secondsText(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 600 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
