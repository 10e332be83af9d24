import type pc from 'picocolors';
import { printable } from '../host/printable.js';
import { featureOverview, type OverviewRow } from '../summary/feature-overview.js';
import type { FeatureCell, FeatureGroup, FeatureRow, FeatureTable } from '../summary/feature-table.js';
import { inBlocks } from './in-blocks.js';
import { table } from './markdown-table.js';
import { markdownText } from './markdown-text.js';
import { type TextCell, tableWidth, textTable } from './text-table.js';

type Colors = ReturnType<typeof pc.createColors>;

/** The feature tables for a terminal of `width` columns; a group that is too wide becomes several tables. */
export function featureLines({ groups }: FeatureTable, width: number, colors: Colors): string[] {
  const tables = groups.flatMap((group) =>
    inBlocks(
      [...group.features.keys()],
      (columns) => tableWidth(terminalRows(group, columns, colors)) <= width,
    ).map((columns, index, all) => [
      ...textTable(terminalRows(group, columns, colors)),
      ...(index === all.length - 1 ? unprobed(group).map((words) => printable(words, 300)) : []),
    ]),
  );
  return tables.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

/** All groups in one table, for a terminal: what each kernel has, or lacks. */
export function overviewLines(features: FeatureTable, width: number, colors: Colors): string[] {
  const { groups, rows } = featureOverview(features);
  const wanted = (columns: readonly number[]): TextCell[][] => [
    ['features', ...columns.map((at) => printable(groups[at] ?? '', 40))].map((text) => ({
      text,
      paint: colors.bold,
    })),
    ...rows.map((row) => [
      { text: overviewName(row) },
      ...columns.map((at) => ({ text: printable(row.cells[at] ?? '', 80) })),
    ]),
  ];
  if (rows.length === 0) return [];
  const tables = inBlocks([...groups.keys()], (columns) => tableWidth(wanted(columns)) <= width);
  return tables.flatMap((columns, index) => [...(index === 0 ? [] : ['']), ...textTable(wanted(columns))]);
}

/** The same as GitHub Markdown. */
export function overviewMarkdown(features: FeatureTable): string[] {
  const { groups, rows } = featureOverview(features);
  if (rows.length === 0) return [];
  return [
    '## Features',
    '',
    'Probed live in the guest; kernel + boot arguments: what those change. The full tables are at the end.',
    'as modules: loaded, then probed. Not configured: the line has it, and our build of it leaves it out.',
    '',
    ...table([
      ['kernel', ...groups.map((name) => markdownText(name, 40))],
      ...rows.map((row) => [overviewName(row), ...row.cells.map((text) => markdownText(text))]),
    ]),
  ];
}

const overviewName = ({ kernel, boot }: OverviewRow): string =>
  boot === '' ? kernel : `${kernel} + ${boot}`;

/** The full tables as GitHub Markdown, each folded away under its group's name. */
export function featureMarkdown({ groups }: FeatureTable): string[] {
  if (groups.length === 0) return [];
  return [
    '## Features in full',
    '',
    'A second row of a kernel shows other boot arguments, where they change something; **bold** is what they change.',
    'Parts of the kernel are built in, a module (loaded, then probed), absent, not configured (the line has it, and our',
    'build leaves it out), or not probed (no attempt told, or the probe failed or the module does not load, for the reason',
    'given below); what a kernel does is yes or no, as in runs from before the parts were told apart. A part is used and its',
    'effect seen; what needs a disk with something on it is only looked up in the kernel’s own lists (docs/kernels.md).',
    ...groups.flatMap((group) => [
      '',
      `<details><summary>${markdownText(group.name, 40)}</summary>`,
      '',
      ...markdownTable(group),
      '',
      ...unprobed(group).flatMap((words) => [`- ${markdownText(words, 300)}`]),
      ...(unprobed(group).length > 0 ? [''] : []),
      '</details>',
    ]),
  ];
}

/** Why what was tried could not be probed, in the guest's words (raw). */
const unprobed = ({ name, features, rows }: FeatureGroup): string[] =>
  rows.flatMap((row) =>
    row.cells.flatMap(({ form, evidence }, at) =>
      form === 'not probed' && evidence !== ''
        ? [`${row.kernel}: ${name}.${features[at] ?? ''} is not probed: ${evidence}`]
        : [],
    ),
  );

function terminalRows(group: FeatureGroup, columns: readonly number[], colors: Colors): TextCell[][] {
  const names = columns.map((at) => printable(group.features[at] ?? '', 40));
  const top = [printable(group.name, 40), ...names].map((text) => ({ text, paint: colors.bold }));
  return [
    top,
    ...group.rows.map((row, index) => [
      { text: rowName(row, group.rows[index - 1]) },
      ...columns.map((at) => terminalCell(row.cells[at], colors)),
    ]),
  ];
}

function terminalCell(cell: FeatureCell | undefined, colors: Colors): TextCell {
  const text = cellText(cell);
  const paint = paintOf(cell, colors);
  return { text, paint: cell?.differs ? (words) => colors.bold(paint(words)) : paint };
}

function paintOf(cell: FeatureCell | undefined, colors: Colors): (text: string) => string {
  const value = cell?.value ?? null;
  if (cell?.form === 'not configured') return colors.yellow;
  if (value === true) return colors.green;
  if (value === false) return colors.red;
  if (value === null) return colors.dim;
  return value === 'varies' ? colors.yellow : (text) => text;
}

function markdownTable(group: FeatureGroup): string[] {
  return table([
    [markdownText(group.name, 40), ...group.features.map((name) => markdownText(name, 40))],
    ...group.rows.map((row, index) => [
      rowName(row, group.rows[index - 1]),
      ...row.cells.map((cell) => (cell.differs ? `**${cellText(cell)}**` : cellText(cell))),
    ]),
  ]);
}

/** A kernel's first row goes without its boot arguments: they are the usual ones. */
const rowName = ({ kernel, boot }: FeatureRow, above: FeatureRow | undefined): string =>
  above?.kernel === kernel ? `${kernel} + ${boot}` : kernel;

function cellText(cell: FeatureCell | undefined): string {
  const { value = null, form = null } = cell ?? {};
  if (form !== null) return form;
  if (value === null) return 'not probed';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : value;
}
