import fc from 'fast-check';
import type { Count } from '../../harness/statistics/rates.js';

/** k of n, n from 1 on. */
export const aCount = (most: number): fc.Arbitrary<Count> =>
  fc
    .integer({ min: 1, max: most })
    .chain((of) => fc.integer({ min: 0, max: of }).map((failing) => ({ failing, of })));

export const twoCounts: fc.Arbitrary<readonly [Count, Count]> = fc.tuple(aCount(60), aCount(60));
