import type { Parts } from './cell-of.js';
import type { Matrix, Selection, WorkloadRow } from './types.js';

/**
 * Would this cell differ from its usual one in name alone? Who asks for a storage driver and names no workload means those
 * that use storage: the others do the same on any. Where no workload says that it uses an axis, each may.
 */
export function hasIdleRow(
  { workload, axes }: Pick<Parts, 'workload' | 'axes'>,
  { axes: all, workloads }: Pick<Matrix, 'axes' | 'workloads'>,
  asked: Pick<Selection, 'workloads' | 'axes'>,
): boolean {
  if (asked.workloads.length > 0) return false;
  return all.some(({ axis: { id, ofKernel } }) => {
    const isAsked = (asked.axes[id] ?? []).length > 0;
    // what changes the kernel changes it for each workload
    if (ofKernel || !isAsked || axes[id]?.usual !== false) return false;
    return workloads.some((one) => usesAxis(one, id)) && !usesAxis(workload, id);
  });
}

const usesAxis = ({ uses = [], needs = {} }: WorkloadRow, axis: string): boolean =>
  uses.includes(axis) || needs[axis] !== undefined;
