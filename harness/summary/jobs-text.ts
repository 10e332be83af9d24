import type { JobsRange } from '../results/manifest.js';

/** 2, or 2 to 8: machines at a time. */
export const jobsText = ({ usual, most }: JobsRange): string =>
  usual === most ? String(most) : `${usual} to ${most}`;
