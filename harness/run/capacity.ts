import process from 'node:process';
import { coresHere, hasWholeHost, idleCores } from '../host/cores.js';
import type { Capacity } from '../schedule/run-matrix.js';

/**
 * As many machines as cores: a vCPU of a guest that waits costs nothing, and two machines of two vCPUs on two cores
 * finish sooner than one after the other. Up to four times as many while cores idle, unless `jobs` says how many. A quarter of
 * the free memory stays: half of it for live templates, half for this host; and what standbys take.
 */
export function capacity(jobs: number | undefined): Capacity {
  const usual = jobs ?? coresHere();
  // idle cores of a host that lends us some of them are not ours
  const mayFill = jobs === undefined && hasWholeHost();
  return {
    jobs: usual,
    spare: mayFill ? { mostJobs: 4 * usual, idleCores } : undefined,
    memoryMiB: Math.max(
      1,
      Math.floor((process.availableMemory() / 2 ** 20) * 0.75) - standbyMiB * (usual + 1),
    ),
  };
}

/** A QEMU that waits for its state, measured with 7.2. */
const standbyMiB = 40;
