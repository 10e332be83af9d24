import { printable } from '../../host/printable.js';
import { featureOverview } from '../../summary/feature-overview.js';
import type { FeatureCell, FeatureGroup, FeatureTable } from '../../summary/feature-table.js';
import { featureText, overviewName, rowName, unprobed } from '../words/feature-words.js';
import type { Colours } from './colours.js';
import { inBlocks } from './in-blocks.js';
import { type TextCell, tableWidth, textTable } from './text-table.js';

/** The feature tables for a terminal of `width` columns; a group that is too wide becomes several tables. */
export function featureLines({ groups }: FeatureTable, width: number, colours: Colours): string[] {
  const tables = groups.flatMap((group) =>
    inBlocks(
      [...group.features.keys()],
      (columns) => tableWidth(terminalRows(group, columns, colours)) <= width,
    ).map((columns, index, all) => [
      ...textTable(terminalRows(group, columns, colours)),
      ...(index === all.length - 1 ? unprobed(group).map((words) => printable(words, 300)) : []),
    ]),
  );
  return tables.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

/** All groups in one table, for a terminal: what each kernel has, or lacks. */
export function overviewLines(features: FeatureTable, width: number, colours: Colours): string[] {
  const { groups, rows } = featureOverview(features);
  const wanted = (columns: readonly number[]): TextCell[][] => [
    ['features', ...columns.map((at) => printable(groups[at] ?? '', 40))].map((text) => ({
      text,
      paint: colours.bold,
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

function terminalRows(group: FeatureGroup, columns: readonly number[], colours: Colours): TextCell[][] {
  const names = columns.map((at) => printable(group.features[at] ?? '', 40));
  const top = [printable(group.name, 40), ...names].map((text) => ({ text, paint: colours.bold }));
  return [
    top,
    ...group.rows.map((row, index) => [
      { text: rowName(row, group.rows[index - 1]) },
      ...columns.map((at) => terminalCell(row.cells[at], colours)),
    ]),
  ];
}

function terminalCell(cell: FeatureCell | undefined, colours: Colours): TextCell {
  const text = featureText(cell);
  const paint = paintOf(cell, colours);
  return { text, paint: cell?.differs ? (words) => colours.bold(paint(words)) : paint };
}

function paintOf(cell: FeatureCell | undefined, colours: Colours): (text: string) => string {
  const value = cell?.value ?? null;
  if (cell?.form === 'not configured') return colours.yellow;
  if (value === true) return colours.green;
  if (value === false) return colours.red;
  if (value === null) return colours.dim;
  return value === 'varies' ? colours.yellow : (text) => text;
}
