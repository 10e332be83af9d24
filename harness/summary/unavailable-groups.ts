import { type AlikeReasons, alikeReasons } from './alike-reasons.js';
import { missingUserlands } from './missing-userlands.js';
import type { RunSummary } from './types.js';

export interface UnavailableGroup extends AlikeReasons {
  readonly of: 'kernel' | 'userland';
}

/** Kernels without an image, by reason, then userlands that couldn't be had. */
export function unavailableGroups({
  kernels,
  cells,
}: Pick<RunSummary, 'kernels' | 'cells'>): UnavailableGroup[] {
  const without = kernels.flatMap(({ id, unavailable }) =>
    unavailable === null ? [] : [{ name: id, reason: unavailable }],
  );
  return [
    ...alikeReasons(without).map((group) => ({ ...group, of: 'kernel' as const })),
    ...alikeReasons(missingUserlands(cells), 'USERLAND').map((group) => ({
      ...group,
      of: 'userland' as const,
    })),
  ];
}

/** rhel: unavailable, or 18 kernels unavailable: the words before a group's reason. */
export const unavailableName = ({ names, of }: UnavailableGroup): string =>
  names.length === 1 ? `${names[0]}: unavailable` : `${names.length} ${of}s unavailable`;
