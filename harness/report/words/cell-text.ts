import type { CellSummary } from '../../summary/types.js';
import { isShort, outcomeWord, workText } from '../../summary/work-done.js';

/** How much of a cell is shown, where columns are scarce. */
export type CellDetail = 'full' | 'short' | 'word';

/** oops 3/5 (15-95 %) 41 % done 2.1 s ~ * !   outcome, k of n failing, 95 % interval, work done, time to first report, marks */
export function cellText(cell: CellSummary | undefined, detail: CellDetail): string {
  if (cell === undefined) return '';
  const marks = marksOf(cell);
  const word = outcomeWord(cell.outcome, cell.work);
  if (detail === 'word') return [word, ...marks].join(' ');
  const counted = cell.conclusive > 0 ? [`${cell.failing}/${cell.conclusive}`] : [];
  const left = cell.finished < cell.attempts && cell.finished > 0 ? [`of ${cell.attempts}`] : [];
  const interval = detail === 'full' && cell.rate !== null ? [rateText(cell.rate)] : [];
  const seconds = cell.secondsToFirstReport === null ? [] : [`${secondsText(cell.secondsToFirstReport)}`];
  const ours = cell.harnessErrors > 0 ? [`+${cell.harnessErrors} harness`] : [];
  const work = [workText(cell.work)].filter(Boolean);
  return [word, ...counted, ...left, ...interval, ...work, ...seconds, ...ours, ...marks].join(' ');
}

/** The last is the one that is made bold. */
const marksOf = ({ unexpected, mixed, missingFrames, overflow }: CellSummary): string[] => [
  ...(mixed ? ['~'] : []),
  ...((missingFrames ?? 0) + (overflow ?? 0) > 0 ? ['\u2020'] : []),
  ...(unexpected > 0 ? ['!'] : []),
];

/** What stands in these cells, in words; what is in none of them is left out. */
export function legend(cells: readonly CellSummary[]): string {
  const has = (wanted: (cell: CellSummary) => boolean, words: string): string[] =>
    cells.some(wanted) ? [words] : [];
  return [
    'outcome, k/n attempts failing, 95 % interval, time to first report',
    ...has(
      ({ work }) => workText(work) !== '',
      'k % done: of the iterations asked for, where attempts hit their time limit',
    ),
    ...has(({ outcome, work }) => outcome === 'stable' && isShort(work), 'stable?: less than 80 % was done'),
    ...has(({ mixed }) => mixed, '~ attempts of sessions that differ'),
    ...has(
      ({ missingFrames, overflow }) => (missingFrames ?? 0) + (overflow ?? 0) > 0,
      '\u2020 some of what guests sent was lost, or more than is kept',
    ),
    '! not as expected',
  ].join('; ');
}

/** (15-95 %) */
export const rateText = ({ low, high }: { readonly low: number; readonly high: number }): string =>
  `(${Math.round(low * 100)}-${Math.round(high * 100)} %)`;

/** 2.1 s, 14 s, 3 min */
export function secondsText(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 600 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
