import type { CellComparison } from './types.js';

/** What both kernels lack, in every attempt of a run, has no rate, and leaves nothing to decide. */
export const hasNoQuestion = ({ probability, sides: [one, other] }: CellComparison): boolean =>
  probability === null && one.outcome === other.outcome;
