import type { Cell } from '../matrix/types.js';
import type { AcceleratorName } from '../vm/types.js';
import type { Start, StartMode } from './opened.js';

/** How the machines of a cell come to READY: as the cell says, as was asked for, or as pays. */
export function chooseStart(
  { cold, attempts }: Pick<Cell, 'cold' | 'attempts'>,
  wish: StartMode,
  accelerator: AcceleratorName,
): Start {
  if (cold) return 'cold';
  if (wish !== 'auto') return wish;
  return accelerator === 'tcg' && attempts >= attemptsWorthABoot ? 'fork' : 'template';
}

/**
 * A live template boots once in a run, in 1.3 to 3 s of a core's time, and saves each attempt 0.15 to 0.3 s of it (lifecycle on 4.9
 * and 6.1).
 */
const attemptsWorthABoot = 16;
