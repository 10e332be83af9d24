import type { CellSide } from './types.js';

/** Is there something to compare with the other run? Where only the harness failed, nothing is known of the kernel. */
export const wasTried = ({ outcome, conclusive }: CellSide): boolean =>
  outcome !== 'unavailable' && outcome !== 'pending' && (outcome !== 'harness-error' || conclusive > 0);
