import type { AttemptKey } from './types.js';

/** The four names of a cell's id, as cellIdOf joins them; '' for one that an id of another making lacks. */
export interface CellParts {
  readonly kernel: string;
  readonly workload: string;
  readonly storage: string;
  readonly boot: string;
}

export function partsOfCellId(id: string): CellParts {
  const [kernel = '', workload = '', storage = '', boot = ''] = id.split('/');
  return { kernel, workload, storage, boot };
}

/** How many of these attempts each kernel row has. */
export function attemptsByKernel(keys: readonly AttemptKey[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { cell } of keys) {
    const { kernel } = partsOfCellId(cell);
    counts[kernel] = (counts[kernel] ?? 0) + 1;
  }
  return counts;
}
