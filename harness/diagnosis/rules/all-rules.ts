import { bugs } from './bugs.js';
import { faults } from './faults.js';
import { locking } from './locking.js';
import { lockups } from './lockups.js';
import { memory } from './memory.js';
import { network } from './network.js';
import { panics } from './panics.js';
import type { Rule } from './rule.js';
import { sanitizers } from './sanitizers.js';
import { warnings } from './warnings.js';

/** All wordings; under one head the first that fits wins, so the catch-all of `bugs` comes last. */
export const rules: readonly Rule[] = [
  ...faults,
  ...panics,
  ...lockups,
  ...sanitizers,
  ...memory,
  ...network,
  ...locking,
  ...warnings,
  ...bugs,
];
