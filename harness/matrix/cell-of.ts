import { isInLines } from '../versions/kernel-lines.js';
import { cellIdOf } from './cell-id-of.js';
import { matchesAny } from './glob.js';
import type {
  BootRow,
  Cell,
  CellPatterns,
  Expectation,
  KernelRow,
  Matrix,
  StorageRow,
  WorkloadRow,
} from './types.js';

/** The four rows that make a cell. */
export interface Parts {
  readonly kernel: KernelRow;
  readonly workload: WorkloadRow;
  readonly storage: StorageRow;
  readonly boot: BootRow;
}

/** What a cell is by its rows and the rules alone. */
export const cellOf = (parts: Parts, { cold }: Matrix) => ({
  id: cellIdOf(parts.kernel.id, parts.workload.id, parts.storage.id, parts.boot.id),
  ...parts,
  cold: cold.some((rule) => isSelected(parts, rule)),
});

/** A cell that is no control. */
export const matrixCell = (parts: Parts, matrix: Matrix, attempts: number): Cell => ({
  ...cellOf(parts, matrix),
  role: 'matrix',
  attempts,
  expectation: expectationFor(parts, matrix),
});

/** An empty list of patterns leaves a dimension open. */
export function isSelected({ kernel, workload, storage, boot }: Parts, patterns: CellPatterns): boolean {
  const fits = (id: string, list: readonly string[]): boolean => list.length === 0 || matchesAny(id, list);
  return (
    fits(kernel.id, patterns.kernels) &&
    isInLines(kernel.line, patterns.lines) &&
    fits(workload.id, patterns.workloads) &&
    fits(storage.id, patterns.storage) &&
    fits(boot.id, patterns.boot)
  );
}

const expectationFor = (parts: Parts, { expected }: Matrix): Expectation =>
  expected.findLast((rule) => isSelected(parts, rule))?.expectation ?? { outcomes: ['stable'] };
