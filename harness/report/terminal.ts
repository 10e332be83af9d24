import { join } from 'node:path';
import pc from 'picocolors';
import { printable } from '../host/printable.js';
import type { Outcome } from '../matrix/types.js';
import { type CellDetail, cellText, secondsText } from './cell-text.js';
import { type TextCell, tableWidth, textTable, wrap } from './text-table.js';
import type { CellSummary, Column, FeatureTable, ReportGroup, RunSummary } from './types.js';

export interface TerminalOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly color: boolean;
}

type Paint = (text: string) => string;
type Colors = ReturnType<typeof pc.createColors>;

/** The table for people at a terminal, then what stands behind it. */
export function renderTerminal(summary: RunSummary, { width, color }: TerminalOptions): string {
  const colors = pc.createColors(color);
  const sections = [
    heading(summary, width),
    matrixTables(summary, width, colors),
    unavailableRows(summary, width),
    controls(summary, width, colors),
    ...summary.reports.map((group) => reportGroup(summary, group, width, colors)),
    images(summary, width),
    featureTables(summary.features, width),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function heading({ run, attempts }: RunSummary, width: number): string[] {
  const { accelerator, qemu, host, seed } = run;
  const damaged = attempts.damaged > 0 ? `, ${attempts.damaged} damaged lines left out` : '';
  return [
    `Run ${run.id}: profile ${run.selection.profile}, seed ${seed}, kmatrix ${run.kmatrix}`,
    ...wrap(`QEMU ${qemu.version}, ${accelerator.name} (${accelerator.reason}), ${host.cpus} CPUs`, width),
    `${attempts.finished} of ${attempts.planned} attempts finished, ${attempts.unexpected} unexpected${damaged}`,
  ].map((line) => printable(line, 2000));
}

/** As much of each cell as fits; where not even the outcomes fit side by side, one table after another. */
function matrixTables(summary: RunSummary, width: number, colors: Colors): string[] {
  const details: readonly CellDetail[] = ['full', 'short', 'word'];
  for (const detail of details) {
    const rows = matrixRows(summary, summary.columns, detail, colors);
    if (tableWidth(rows) <= width) return [...textTable(rows), legend];
  }
  const blocks = inBlocks(
    summary.columns,
    (columns) => tableWidth(matrixRows(summary, columns, 'short', colors)) <= width,
  );
  return [
    ...blocks.flatMap((columns) => [...textTable(matrixRows(summary, columns, 'short', colors)), '']),
    legend,
  ];
}

const legend = 'outcome, k/n attempts failing, 95 % interval, time to first report; ! not as expected';

function matrixRows(
  summary: RunSummary,
  columns: readonly Column[],
  detail: CellDetail,
  colors: Colors,
): TextCell[][] {
  const cells = new Map(summary.cells.map((cell) => [`${cell.kernel}/${cell.column}`, cell]));
  const top = ['kernel', ...columns.map(({ label }) => label)].map((text) => ({ text, paint: colors.bold }));
  const rows = summary.kernels
    .filter(({ unavailable }) => unavailable === null)
    .map(({ id }) => [
      { text: id },
      ...columns.map((column) => {
        const cell = cells.get(`${id}/${column.id}`);
        return { text: cellText(cell, detail), paint: paintOf(cell, colors) };
      }),
    ]);
  return [top, ...rows];
}

/** Runs of neighbours, each as long as `fits` allows, and at least one. */
function inBlocks<T>(items: readonly T[], fits: (items: readonly T[]) => boolean): T[][] {
  const blocks: T[][] = [];
  for (const item of items) {
    const last = blocks.at(-1);
    if (last !== undefined && fits([...last, item])) last.push(item);
    else blocks.push([item]);
  }
  return blocks;
}

function paintOf(cell: CellSummary | undefined, colors: Colors): Paint | undefined {
  if (cell === undefined) return undefined;
  const color = outcomeColors(colors)[cell.outcome];
  return cell.unexpected > 0 ? (text) => colors.bold(color(text)) : color;
}

const outcomeColors = (colors: Colors): Readonly<Record<Outcome | 'pending', Paint>> => ({
  stable: colors.green,
  oops: colors.red,
  panic: colors.red,
  lockup: colors.red,
  freeze: colors.red,
  'operation-killed': colors.yellow,
  'operation-failed': colors.yellow,
  unsupported: colors.dim,
  unavailable: colors.dim,
  pending: colors.dim,
  'harness-error': colors.magenta,
});

const unavailableRows = ({ kernels }: RunSummary, width: number): string[] =>
  kernels.flatMap(({ id, unavailable }) =>
    unavailable === null ? [] : wrap(`${id}: unavailable: ${printable(unavailable, 500)}`, width),
  );

function controls(
  { controls: { held, verdict, cells }, folder }: RunSummary,
  width: number,
  colors: Colors,
): string[] {
  const rows = cells.map((cell) => [
    { text: cell.id },
    { text: cell.role },
    { text: cellText(cell, 'short'), paint: paintOf(cell, colors) },
    { text: cell.console === '' ? '' : join(folder, cell.console) },
  ]);
  const top = ['control', 'role', 'outcome', 'console'].map((text) => ({ text, paint: colors.bold }));
  const [first = '', ...rest] = wrap(printable(verdict, 4000), width);
  const paint = held ? colors.green : colors.red;
  return [...(rows.length > 0 ? textTable([top, ...rows]) : []), paint(first), ...rest.map(paint)];
}

function reportGroup({ folder }: RunSummary, group: ReportGroup, width: number, colors: Colors): string[] {
  const { first } = group;
  const issue = group.knownIssue === null ? '' : ` [${group.knownIssue}]`;
  const [title = '', ...rest] = wrap(printable(`${group.title}${issue}`, 500), width);
  return [
    colors.bold(title),
    ...rest,
    ...wrap(
      `${group.kind}, ${group.reports} reports in ${group.attempts} attempts on ${group.kernels.join(', ')}`,
      width,
      '  ',
    ),
    ...first.excerpt.map((line) => `  ${colors.dim('│')} ${line}`),
    first.console === ''
      ? `  ${first.cell} attempt ${first.index}`
      : `  ${join(folder, first.console)}:${first.line}`,
  ];
}

function images({ kernels }: RunSummary, width: number): string[] {
  const known = kernels.filter(({ provenance }) => provenance !== '');
  if (known.length === 0) return [];
  const rows = known.map(({ id, release, imageSeconds, bootSeconds, verified, provenance }) =>
    [
      id,
      printable(release, 60),
      imageSeconds === null ? '' : secondsText(imageSeconds),
      bootSeconds === null ? '' : secondsText(bootSeconds),
      verified ? 'yes' : 'no',
      printable(provenance, 100),
    ].map((text) => ({ text })),
  );
  const top = ['image', 'release', 'made in', 'boots in', 'seen before', 'from'].map((text) => ({ text }));
  const all = [top, ...rows];
  return textTable(tableWidth(all) <= width ? all : all.map((row) => row.slice(0, -1)));
}

/** Features down, kernels across, in blocks of as many kernels as fit. */
function featureTables({ kernels, features }: FeatureTable, width: number): string[] {
  if (features.length === 0) return [];
  const rowsFor = (chosen: readonly number[]): TextCell[][] => [
    ['feature', ...chosen.map((at) => kernels[at] ?? '')].map((text) => ({ text })),
    ...features.map(({ name, values }) =>
      [printable(name, 40), ...chosen.map((at) => printable(values[at] ?? '', 24))].map((text) => ({ text })),
    ),
  ];
  const blocks = inBlocks([...kernels.keys()], (chosen) => tableWidth(rowsFor(chosen)) <= width);
  return blocks.flatMap((chosen, index) => [...(index > 0 ? [''] : []), ...textTable(rowsFor(chosen))]);
}
