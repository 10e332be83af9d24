import { isInLines, rangeText } from '../versions/kernel-lines.js';
import type { AxisRow, UnusualRows } from './axes.js';
import { cellIdOf } from './cell-id.js';
import { matchesAny } from './glob.js';
import type { Cell, CellPatterns, Expectation, KernelRow, Matrix, WorkloadRow } from './types.js';

/** The rows that make a cell. */
export interface Parts {
  readonly kernel: KernelRow;
  readonly workload: WorkloadRow;
  /** By the axis's id. */
  readonly axes: Readonly<Record<string, AxisRow>>;
}

/** What a cell is by its rows and the rules alone. */
export function cellOf(parts: Parts, { cold }: Matrix) {
  const unsupported = unsupportedReason(parts);
  // it says which cells there are, not what an attempt does
  const { uses: _, ...workload } = parts.workload;
  return {
    id: cellIdOf({ kernel: parts.kernel.id, workload: parts.workload.id, rows: unusualRows(parts) }),
    ...parts,
    workload,
    cold: cold.some((rule) => isSelected(parts, rule)),
    ...(unsupported !== undefined && { unsupported }),
  };
}

/** Why this kernel can't be had with these rows: bookworm runs on kernels of lines >=3.2, not of 2.6.38; undefined where it can. */
function unsupportedReason({ kernel, axes }: Parts): string | undefined {
  const row = Object.values(axes).find(({ needs }) => !isInLines(kernel.line, needs?.lines));
  return (
    row && `${row.id} needs a kernel of ${rangeText(row.needs?.lines ?? [])}, and this is of ${kernel.line}`
  );
}

/** Do these rows go together? One that needs another axis's row makes no cell with a row that isn't among those it needs. */
export const goTogether = ({ workload, axes }: Pick<Parts, 'workload' | 'axes'>): boolean =>
  [workload.needs, ...Object.values(axes).map(({ needs }) => needs?.axes)].every((needs) =>
    Object.entries(needs ?? {}).every(
      ([axis, wanted]) => axes[axis] !== undefined && matchesAny(axes[axis].id, wanted),
    ),
  );

/** The rows of a cell that aren't usual ones. */
export const unusualRows = ({ axes }: Pick<Parts, 'axes'>): UnusualRows =>
  Object.fromEntries(
    Object.entries(axes).flatMap(([axis, { id, usual }]) => (usual ? [] : [[axis, id] as const])),
  );

/** A cell that is no control. */
export const matrixCell = (parts: Parts, matrix: Matrix, attempts: number): Cell => ({
  ...cellOf(parts, matrix),
  role: 'matrix',
  attempts,
  expectation: expectationFor(parts, matrix),
});

/** An empty list of patterns leaves open what it is for. */
export function isSelected({ kernel, workload, axes }: Parts, patterns: CellPatterns): boolean {
  const fits = (id: string, list: readonly string[] = []): boolean =>
    list.length === 0 || matchesAny(id, list);
  return (
    fits(kernel.id, patterns.kernels) &&
    isInLines(kernel.line, patterns.lines) &&
    fits(workload.id, patterns.workloads) &&
    Object.entries(axes).every(([axis, { id }]) => fits(id, patterns.axes[axis]))
  );
}

const expectationFor = (parts: Parts, { expected }: Matrix): Expectation =>
  expected.findLast((rule) => isSelected(parts, rule))?.expectation ?? { outcomes: ['stable'] };
