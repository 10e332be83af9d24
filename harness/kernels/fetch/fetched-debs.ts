import type { Download } from './download-cache.js';

/** Packages that make one kernel, verified, the one with the kernel itself first. */
export interface FetchedDebs {
  readonly debs: readonly Download[];
  /** One line for people, see KernelEntry; what was accepted against good practice is part of it. */
  readonly provenance: string;
}

/** Kernel packages have 10 to 150 MB; with debug information 1 GB. */
export const maximumDebBytes = 2 ** 31;
