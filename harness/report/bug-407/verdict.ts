import type { Arm } from './arms.js';
import type { ArmEvidence, KernelEvidence } from './collect.js';

/** How an arm's failures belong to the bug. */
export type Attribution = 'by frames' | 'by comparison' | 'not attributed' | 'silent';

/**
 * By frames where a report names the path that known-issues.yml describes. Otherwise by comparison with the control, which
 * differs in nothing but what provokes the bug: where the two 95 % intervals of the failure rate have no value in common.
 */
export function attribution({ provoked, control }: ArmEvidence): Attribution {
  if (provoked.failing === 0) return 'silent';
  if (provoked.byFrames > 0) return 'by frames';
  const [mine, theirs] = [provoked.rate, control?.rate ?? null];
  return mine !== null && theirs !== null && mine.low > theirs.high ? 'by comparison' : 'not attributed';
}

/** Whether any arm of the given ones showed the bug on this kernel; null where none was run. */
export function hasBug(kernel: KernelEvidence, ids: readonly Arm['id'][]): boolean | null {
  const found = ids.flatMap((id) => kernel.arms.get(id) ?? []);
  if (found.length === 0) return null;
  return found.some((arm) => ['by frames', 'by comparison'].includes(attribution(arm)));
}
