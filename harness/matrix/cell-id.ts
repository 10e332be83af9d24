import { type Axis, type UnusualRows, usualAxes } from './axes.js';
import type { AttemptKey } from './types.js';

/** What a cell's id says. */
export interface CellParts {
  readonly kernel: string;
  readonly workload: string;
  readonly rows: UnusualRows;
}

/**
 * A cell's id: kernel/workload, then axis=row for each axis that isn't at its usual row, by the alphabet. A new axis so changes no
 * id that there is.
 */
export const cellIdOf = ({ kernel, workload, rows }: CellParts): string =>
  [kernel, columnIdOf({ workload, rows })].join('/');

/** The same without the kernel: what a table has across. */
export const columnIdOf = ({ workload, rows }: Pick<CellParts, 'workload' | 'rows'>): string =>
  [
    workload,
    ...Object.keys(rows)
      .sort()
      .map((axis) => `${axis}=${rows[axis]}`),
  ].join('/');

/** Reads an id, also one of an older run: kernel/workload/storage/boot, each by name. '' for what an id of another making lacks. */
export function partsOfCellId(id: string): CellParts {
  const [kernel = '', ...rest] = id.split('/');
  return { kernel, ...partsOfColumnId(rest.join('/')) };
}

export function partsOfColumnId(id: string): Pick<CellParts, 'workload' | 'rows'> {
  const [workload = '', ...rows] = id.split('/');
  const isOld = rows.length > 0 && rows.every((row) => !row.includes('='));
  const pairs = isOld ? oldRows(rows) : rows.map((row) => pairOf(row));
  return { workload, rows: Object.fromEntries(pairs) };
}

function pairOf(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Older ids had these two axes, in this order, and named the usual rows, too. */
const oldRows = (rows: readonly string[]): (readonly [string, string])[] =>
  usualAxes
    .slice(0, 2)
    .flatMap(({ id, usual }, at) =>
      rows[at] === undefined || rows[at] === usual ? [] : [[id, rows[at]] as const],
    );

/** The id that the same cell has today. */
export const canonicalCellId = (id: string): string => cellIdOf(partsOfCellId(id));

/** What seeds are made of: the id that older runs gave the cell, so that it keeps its seeds. */
export function seedTextOf(id: string): string {
  const { kernel, workload, rows } = partsOfCellId(id);
  const [storage, boot] = usualAxes;
  const old = [storage, boot].flatMap((axis) => (axis === undefined ? [] : (rows[axis.id] ?? axis.usual)));
  const newer = Object.entries(rows)
    .filter(([axis]) => axis !== storage?.id && axis !== boot?.id)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([axis, row]) => `${axis}=${row}`);
  return [kernel, workload, ...old, ...newer].join('/');
}

/** aufs, poisoned: the rows that aren't usual, in the order of the axes; axes that this kmatrix doesn't know come last. */
export function rowNames(rows: UnusualRows, axes: readonly Axis[] = usualAxes): string[] {
  const known = axes.map(({ id }) => id);
  const others = Object.keys(rows).filter((axis) => !known.includes(axis));
  return [...known, ...others.sort()].flatMap((axis) => rows[axis] ?? []);
}

/** The name of a table's column: lifecycle overlay. */
export function columnLabel(column: string): string {
  const { workload, rows } = partsOfColumnId(column);
  return [workload, ...rowNames(rows)].join(' ');
}

/** How many of these attempts each cell has. */
export function attemptsByCell(keys: readonly AttemptKey[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { cell } of keys) counts[cell] = (counts[cell] ?? 0) + 1;
  return counts;
}
