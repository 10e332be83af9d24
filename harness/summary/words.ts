import type { JobsRange } from '../results/manifest.js';
import type { Start } from '../templates/opened.js';

/** 2, or 2 to 8: machines at a time. */
export const jobsText = ({ usual, most }: JobsRange): string =>
  usual === most ? String(most) : `${usual} to ${most}`;

/** How a machine came to be ready, as reports have it. */
export const startNames: Readonly<Record<Start, string>> = {
  cold: 'booted',
  template: 'restored',
  fork: 'copied',
};
