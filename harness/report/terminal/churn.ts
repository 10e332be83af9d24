import pc from 'picocolors';
import { printable } from '../../host/printable.js';
import type { Churn, ChurnRow } from '../../repro/churn.js';
import { counted } from '../../summary/counted.js';
import { outcomeWord, workText } from '../../summary/work-done.js';
import type { Screen } from '../format.js';
import { seconds } from '../words/duration.js';
import { sourcesLines } from './sources-lines.js';
import { textTable } from './text-table.js';

/** How kernels bore the churn of network namespaces, for people. */
export function renderChurn({ rows, planned, run, outOfTime }: Churn, { colour, folder }: Screen): string {
  const colours = pc.createColors(colour);
  const head = [
    'kernel',
    'rate',
    'made',
    'a second',
    'backlog',
    'at end',
    'slab',
    'free, least',
    'last gone',
    'ended in',
  ];
  const table = textTable([head.map((text) => ({ text })), ...rows.map((row) => cells(row, colours.red))]);
  return [
    colours.bold('LP#720095: dead network namespaces against the kernel that cleans them away'),
    '',
    ...table,
    '',
    'backlog: namespaces that were dropped and not yet cleaned up, the most at a time.',
    'last gone: from the end until no dead one was left; —: the machine’s time was up before.',
    ...(rows.some(({ work }) => workText(work) !== '')
      ? [
          'k % done: of what was asked for, where the time limit came first; stable? where that is less than 80 %.',
        ]
      : []),
    ...sourcesLines(rows),
    ...(outOfTime ? ['The time limit ended it; attempts under way then count for nothing.'] : []),
    ...(rows.length < planned
      ? [`${planned - rows.length} of ${counted(planned, 'attempt')} not made.`]
      : []),
    `run: ${folder || '.'}  (kmatrix report ${run})`,
    '',
  ].join('\n');
}

function cells(
  row: ChurnRow,
  red: (text: string) => string,
): { text: string; paint?: (text: string) => string }[] {
  const number = (value: number | null, unit = ''): string =>
    value === null ? '—' : `${Math.round(value)}${unit}`;
  const mebibytes = (value: number | null): string =>
    value === null ? '—' : `${(value / 1024).toFixed(1)} MiB`;
  const { outOfMemory, outcome, work, drained, drainSeconds, knownIssue, reason } = row;
  const gone = drainSeconds === null ? '—' : `${drained ? '' : '> '}${seconds(drainSeconds)}`;
  const memory = outOfMemory ? `, out of memory${knownIssue === null ? '' : ` (${knownIssue})`}` : '';
  const why = outcome === 'stable' || outOfMemory ? '' : `: ${printable(reason, 50)}`;
  return [
    row.kernel,
    row.rate,
    String(row.made),
    number(row.perSecond),
    number(row.backlogPeak),
    number(row.backlogAtEnd),
    mebibytes(row.slabGrowthKiB),
    mebibytes(row.memoryFreeMinKiB),
    gone,
  ]
    .map((text): { text: string; paint?: (text: string) => string } => ({ text }))
    .concat({
      text: `${[outcomeWord(outcome, work), workText(work)].filter(Boolean).join(' ')}${memory}${why}`,
      ...(outcome !== 'stable' && { paint: red }),
    });
}
