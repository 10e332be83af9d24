import { type AlikeReasons, alikeReasons } from './alike-reasons.js';
import type { KernelSummary } from './types.js';

/** Kernels without an image, by reason. */
export const unavailableGroups = (kernels: readonly KernelSummary[]): AlikeReasons[] =>
  alikeReasons(
    kernels.flatMap(({ id, unavailable }) =>
      unavailable === null ? [] : [{ name: id, reason: unavailable }],
    ),
  );

/** rhel: unavailable, or 18 kernels unavailable: the words before a group's reason. */
export const unavailableName = ({ names }: AlikeReasons): string =>
  names.length === 1 ? `${names[0]}: unavailable` : `${names.length} kernels unavailable`;
