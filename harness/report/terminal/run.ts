import { join } from 'node:path';
import pc from 'picocolors';
import { printable } from '../../host/printable.js';
import { columnLabel } from '../../matrix/cell-id.js';
import { differing } from '../../summary/differing.js';
import { headline } from '../../summary/headline.js';
import { sessionSentences } from '../../summary/run-sessions.js';
import type { CellSummary, ReasonGroup, ReportGroup, RunSummary } from '../../summary/types.js';
import { unavailableGroups, unavailableName } from '../../summary/unavailable-groups.js';
import { cellText } from '../words/cell-text.js';
import { groupText } from '../words/group-text.js';
import { imageColumns, imageRows } from '../words/image-rows.js';
import { rowFindings } from '../words/row-label.js';
import { userlandLines } from '../words/userland-lines.js';
import type { Colours } from './colours.js';
import { featureLines, overviewLines } from './features.js';
import { matrixTables, paintOf } from './matrix-table.js';
import { type TextCell, tableWidth, textTable, wrap } from './text-table.js';

export interface TerminalOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly color: boolean;
  /** The run's folder as the reader would name it: relative to where they are; '' for a file in that folder. */
  readonly folder: string;
}

/** The table for people at a terminal, then what stands behind it. */
export function renderTerminal(summary: RunSummary, options: TerminalOptions): string {
  const { width, color, folder } = options;
  const colours = pc.createColors(color);
  const sections = [
    heading(summary, width, colours),
    matrixTables(summary, width, colours),
    unavailableRows(summary, width),
    rowFindings(summary.kernels).flatMap((line) => wrap(printable(line, 500), width)),
    overviewLines(summary.features, width, colours),
    ...summary.reports.map((group) => reportGroup(folder, group, width, colours)),
    reasons(folder, summary.reasons, width),
    controls(folder, summary, width, colours),
    images(summary, width, colours),
    userlandLines(summary.userlands, printable).flatMap((line) => wrap(line, width)),
    featureLines(differing(summary.features), width, colours),
    closing(summary, options, colours),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** A terminal shows its last lines: the verdict again, and where everything is. */
function closing(summary: RunSummary, { width, folder }: TerminalOptions, colours: Colours): string[] {
  const paint = summary.controls.held ? colours.green : colours.red;
  const verdict = wrap(headline(summary), width).map((line) => colours.bold(paint(line)));
  return folder === '' ? verdict : [...verdict, folder];
}

function heading(summary: RunSummary, width: number, colours: Colours): string[] {
  const { run, controls } = summary;
  const { accelerator, qemu, host, seed } = run;
  const paint = controls.held ? colours.green : colours.red;
  return [
    ...wrap(headline(summary), width).map((line) => colours.bold(paint(line))),
    ...[
      `run ${run.id}: profile ${run.selection.profile}, seed ${seed}, kmatrix ${run.kmatrix}`,
      `QEMU ${qemu.version}, ${accelerator.name} (${accelerator.reason}), ${host.cpus} CPUs`,
      ...sessionSentences(summary.sessions),
    ].flatMap((line) => wrap(printable(line, 2000), width)),
  ];
}

/** One paragraph per reason; the kernels or userlands that share it stand below it. */
const unavailableRows = (summary: RunSummary, width: number): string[] =>
  unavailableGroups(summary).flatMap((group) => [
    ...wrap(`${unavailableName(group)}: ${printable(group.reason, 500)}`, width),
    ...(group.names.length === 1 ? [] : wrap(group.names.join(', '), width, '  ')),
  ]);

/** The console's own words only where something wasn't as expected: what was is named, and its console a path away. */
function reportGroup(folder: string, group: ReportGroup, width: number, colours: Colours): string[] {
  const { first, unexpected } = group;
  const issue = group.knownIssue === null ? '' : ` [${group.knownIssue}]`;
  const [title = '', ...rest] = wrap(printable(`${group.title}${issue}`, 500), width);
  return [
    colours.bold(title),
    ...rest,
    ...wrap(groupText(group, unexpected > 0 ? 'names' : 'number'), width, '  '),
    ...(unexpected > 0 ? first.excerpt : []).map((line) => `  ${colours.dim('│')} ${cut(line, width - 4)}`),
    first.console === ''
      ? `  ${first.cell} attempt ${first.index}`
      : `  ${join(folder, first.console)}:${first.line}`,
  ];
}

/** A console's line is read by its beginning; the whole of it is a path away. */
const cut = (line: string, width: number): string =>
  line.length <= width ? line : `${line.slice(0, Math.max(20, width - 1))}…`;

const reasons = (folder: string, groups: readonly ReasonGroup[], width: number): string[] =>
  groups.flatMap(({ column, outcome, reason, kernels, console }) => [
    ...wrap(
      `${printable(column, 200)} ${outcome}: ${printable(reason, 500)}; on ${kernels.join(', ')}`,
      width,
    ),
    ...(console === '' ? [] : [`  ${join(folder, console)}`]),
  ]);

/** The verdict, then who said so; consoles stand in the table where it has room, else below it where one is needed. */
function controls(
  folder: string,
  { controls: { held, verdict, cells } }: RunSummary,
  width: number,
  colours: Colours,
): string[] {
  const paint = held ? colours.green : colours.red;
  const said = wrap(printable(verdict, 4000), width).map(paint);
  if (cells.length === 0) return said;
  const top = ['control', 'role', 'outcome', 'console'].map((text) => ({ text, paint: colours.bold }));
  const whole: TextCell[][] = [top, ...cells.map((cell) => controlRow(folder, cell, colours))];
  if (tableWidth(whole) <= width) return [...said, ...textTable(whole)];
  const unexpected = cells.filter(({ unexpected, console }) => unexpected > 0 && console !== '');
  return [
    ...said,
    ...textTable(whole.map((row) => row.slice(0, -1))),
    ...unexpected.map(({ console }) => join(folder, console)),
  ];
}

const controlRow = (folder: string, cell: CellSummary, colours: Colours): TextCell[] => [
  { text: `${cell.kernel} ${columnLabel(cell.column)}` },
  { text: cell.role },
  { text: cellText(cell, 'short'), paint: paintOf(cell, colours) },
  { text: cell.console === '' ? '' : join(folder, cell.console) },
];

/** The columns that say most come first: those that find no room are left out from the right. */
function images({ kernels }: RunSummary, width: number, colours: Colours): string[] {
  const short = (text: string, most: number) => printable(text, Math.min(most, 100));
  const rows = imageRows(kernels, short).map((row) => row.map((text) => ({ text })));
  if (rows.length === 0) return [];
  const names = ['image', ...imageColumns];
  let all: TextCell[][] = [names.map((text) => ({ text, paint: colours.bold })), ...rows];
  while (tableWidth(all) > width && (all[0]?.length ?? 0) > 2) all = all.map((row) => row.slice(0, -1));
  return textTable(all);
}
