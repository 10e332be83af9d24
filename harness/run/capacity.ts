import { availableParallelism, freemem } from 'node:os';
import type { Capacity } from '../schedule/run-matrix.js';

/**
 * As many machines as cores: a vCPU of a guest that waits costs nothing, and two machines of two vCPUs on two cores
 * finish sooner than one after the other. A quarter of the free memory stays for this host, and what standbys take.
 */
export const capacity = (jobs: number | undefined): Capacity => ({
  jobs: jobs ?? availableParallelism(),
  memoryMiB: Math.floor((freemem() / 2 ** 20) * 0.75) - standbyMiB * (jobs ?? availableParallelism()),
});

/** A QEMU that waits for its state, measured with 7.2. */
const standbyMiB = 40;
