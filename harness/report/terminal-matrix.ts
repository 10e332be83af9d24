import type pc from 'picocolors';
import type { Outcome } from '../matrix/types.js';
import type { CellSummary, Column, RunSummary } from '../summary/types.js';
import { type CellDetail, cellText, legend } from './cell-text.js';
import { inBlocks } from './in-blocks.js';
import { rowLabel } from './row-label.js';
import { type TextCell, tableWidth, textTable, wrap } from './text-table.js';

type Paint = (text: string) => string;
export type Colors = ReturnType<typeof pc.createColors>;

/** As much of each cell as fits; where not even the outcomes fit side by side, one table after another. */
export function matrixTables(summary: RunSummary, width: number, colors: Colors): string[] {
  const details: readonly CellDetail[] = ['full', 'short', 'word'];
  for (const detail of details) {
    const rows = matrixRows(summary, summary.columns, detail, colors);
    if (tableWidth(rows) <= width) return [...textTable(rows), ...wrap(legend(summary.cells), width)];
  }
  const blocks = inBlocks(
    summary.columns,
    (columns) => tableWidth(matrixRows(summary, columns, 'short', colors)) <= width,
  );
  return [
    ...blocks.flatMap((columns) => [...textTable(matrixRows(summary, columns, 'short', colors)), '']),
    ...wrap(legend(summary.cells), width),
  ];
}

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
    .map((kernel) => [
      { text: rowLabel(kernel) },
      ...columns.map((column) => {
        const cell = cells.get(`${kernel.id}/${column.id}`);
        return { text: cellText(cell, detail), paint: paintOf(cell, colors) };
      }),
    ]);
  return [top, ...rows];
}

/** The colour of a cell's outcome; bold where it wasn't expected. */
export function paintOf(cell: CellSummary | undefined, colors: Colors): Paint | undefined {
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
