import type pc from 'picocolors';
import { printable } from '../host/printable.js';
import type { FeatureCell, FeatureGroup, FeatureRow, FeatureTable } from './feature-table.js';
import { inBlocks } from './in-blocks.js';
import { markdownText } from './markdown-text.js';
import { type TextCell, tableWidth, textTable } from './text-table.js';

type Colors = ReturnType<typeof pc.createColors>;

/** The feature tables for a terminal of `width` columns; a group that is too wide becomes several tables. */
export function featureLines({ groups }: FeatureTable, width: number, colors: Colors): string[] {
  const tables = groups.flatMap((group) =>
    inBlocks(
      [...group.features.keys()],
      (columns) => tableWidth(terminalRows(group, columns, colors)) <= width,
    ).map((columns) => textTable(terminalRows(group, columns, colors))),
  );
  return tables.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

/** The same as GitHub Markdown, under one heading. */
export function featureMarkdown({ groups }: FeatureTable): string[] {
  if (groups.length === 0) return [];
  return [
    '## Features',
    '',
    'Probed live in the guest, one table a group. A second row of a kernel shows other boot arguments, where they change',
    'something; **bold** is what they change.',
    ...groups.flatMap((group) => ['', ...markdownTable(group)]),
  ];
}

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
  const paint = paintOf(cell?.value ?? null, colors);
  return { text, paint: cell?.differs ? (words) => colors.bold(paint(words)) : paint };
}

function paintOf(value: FeatureCell['value'], colors: Colors): (text: string) => string {
  if (value === true) return colors.green;
  if (value === false) return colors.red;
  if (value === null) return colors.dim;
  return value === 'varies' ? colors.yellow : (text) => text;
}

function markdownTable(group: FeatureGroup): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line([markdownText(group.name, 40), ...group.features.map((name) => markdownText(name, 40))]),
    line(['---', ...group.features.map(() => '---')]),
    ...group.rows.map((row, index) =>
      line([
        rowName(row, group.rows[index - 1]),
        ...row.cells.map((cell) => (cell.differs ? `**${cellText(cell)}**` : cellText(cell))),
      ]),
    ),
  ];
}

/** A kernel's first row goes without its boot arguments: they are the usual ones. */
const rowName = ({ kernel, boot }: FeatureRow, above: FeatureRow | undefined): string =>
  above?.kernel === kernel ? `${kernel} + ${boot}` : kernel;

function cellText(cell: FeatureCell | undefined): string {
  const value = cell?.value ?? null;
  if (value === null) return 'not probed';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : value;
}
