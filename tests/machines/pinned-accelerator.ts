import type { AcceleratorName } from '../../harness/vm/types.js';

/** What runs the machines of tests, on every host: what `auto` finds is tested by itself (tests/vm/probe-kvm.test.ts). */
export const pinnedAccelerator = 'tcg' satisfies AcceleratorName;
