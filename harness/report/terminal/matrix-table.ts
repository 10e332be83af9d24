import type { CellSummary, Column, RunSummary } from '../../summary/types.js';
import { outcomeWord } from '../../summary/work-done.js';
import { type CellDetail, cellText, legend } from '../words/cell-text.js';
import { rowLabel } from '../words/row-label.js';
import { type Colours, outcomePaint, type Paint } from './colours.js';
import { inBlocks } from './in-blocks.js';
import { type TextCell, tableWidth, textTable, wrap } from './text-table.js';

/** As much of each cell as fits; where not even the outcomes fit side by side, one table after another. */
export function matrixTables(summary: RunSummary, width: number, colours: Colours): string[] {
  const details: readonly CellDetail[] = ['full', 'short', 'word'];
  for (const detail of details) {
    const rows = matrixRows(summary, summary.columns, detail, colours);
    if (tableWidth(rows) <= width) return [...textTable(rows), ...wrap(legend(summary.cells), width)];
  }
  const blocks = inBlocks(
    summary.columns,
    (columns) => tableWidth(matrixRows(summary, columns, 'short', colours)) <= width,
  );
  return [
    ...blocks.flatMap((columns) => [...textTable(matrixRows(summary, columns, 'short', colours)), '']),
    ...wrap(legend(summary.cells), width),
  ];
}

function matrixRows(
  summary: RunSummary,
  columns: readonly Column[],
  detail: CellDetail,
  colours: Colours,
): TextCell[][] {
  const cells = new Map(summary.cells.map((cell) => [`${cell.kernel}/${cell.column}`, cell]));
  const top = ['kernel', ...columns.map(({ label }) => label)].map((text) => ({ text, paint: colours.bold }));
  const rows = summary.kernels
    .filter(({ unavailable }) => unavailable === null)
    .map((kernel) => [
      { text: rowLabel(kernel) },
      ...columns.map((column) => {
        const cell = cells.get(`${kernel.id}/${column.id}`);
        return { text: cellText(cell, detail), paint: paintOf(cell, colours) };
      }),
    ]);
  return [top, ...rows];
}

/** The colour of a cell's outcome; yellow for `stable?`, and bold where it wasn't expected. */
export function paintOf(cell: CellSummary | undefined, colours: Colours): Paint | undefined {
  if (cell === undefined) return undefined;
  const isDoubtful = outcomeWord(cell.outcome, cell.work) !== cell.outcome;
  const color = isDoubtful ? colours.yellow : outcomePaint(cell.outcome, colours);
  return cell.unexpected > 0 ? (text) => colours.bold(color(text)) : color;
}
