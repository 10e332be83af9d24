import pc from 'picocolors';
import { counted } from '../../host/counted.js';
import { printable } from '../../host/printable.js';
import type { Figure } from '../../repro/bugs.js';
import type { FigureValue, SeriesReport, SeriesRow } from '../../repro/measure-series.js';
import { outcomeWord, workText } from '../../summary/work-done.js';
import type { Screen } from '../format.js';
import { seconds } from '../words/duration.js';
import { sourcesLines } from './sources-lines.js';
import { type TextCell, textTable } from './text-table.js';

/** How kernels bore what was done to them, for people. */
export function renderSeries(
  { title, figures, rows, planned, run, outOfTime }: SeriesReport,
  { colour, folder }: Screen,
): string {
  const colours = pc.createColors(colour);
  const head = ['kernel', 'rate', ...figures.map((figure) => figure.head), 'ended in'];
  const lines = rows.map((row) => cells(row, figures, colours.red));
  return [
    colours.bold(title),
    '',
    ...textTable([head.map((text) => ({ text })), ...lines]),
    '',
    ...figures.flatMap(({ head: name, about }) => (about === undefined ? [] : [`${name}: ${about}.`])),
    ...(rows.some(({ work }) => workText(work) !== '')
      ? [
          'k % done: of what was asked for, where the time limit came first; stable? where that is less than 80 %.',
        ]
      : []),
    ...sourcesLines(rows),
    ...(outOfTime ? ['The time limit ended it; unfinished attempts are not counted.'] : []),
    ...(rows.length < planned
      ? [`${planned - rows.length} of ${counted(planned, 'attempt')} not made.`]
      : []),
    `run: ${folder || '.'}  (kmatrix report ${run})`,
    '',
  ].join('\n');
}

function cells(row: SeriesRow, figures: readonly Figure[], red: (text: string) => string): TextCell[] {
  const { outOfMemory, outcome, work, knownIssue, reason } = row;
  const memory = outOfMemory ? `, out of memory${knownIssue === null ? '' : ` (${knownIssue})`}` : '';
  const why = outcome === 'stable' || outOfMemory ? '' : `: ${printable(reason, 50)}`;
  const ended = [outcomeWord(outcome, work), workText(work)].filter(Boolean).join(' ');
  const figureTexts = figures.map(({ name, unit }) => figureText(row.figures[name], unit));
  return [
    ...[row.kernel, row.rate, ...figureTexts].map((text) => ({ text })),
    { text: `${ended}${memory}${why}`, ...(outcome !== 'stable' && { paint: red }) },
  ];
}

function figureText(figure: FigureValue | undefined, unit: Figure['unit']): string {
  const value = figure?.value ?? null;
  if (value === null) return '—';
  return `${figure?.isBound ? '> ' : ''}${units[unit](value)}`;
}

const units: Readonly<Record<Figure['unit'], (value: number) => string>> = {
  '': (value) => String(Math.round(value)),
  s: seconds,
  KiB: (value) => `${(value / 1024).toFixed(1)} MiB`,
};
