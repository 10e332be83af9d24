import type { Start } from '../templates/opened.js';

/** How a machine came to be ready, as reports have it. */
export const startNames: Readonly<Record<Start, string>> = {
  cold: 'booted',
  template: 'restored',
  fork: 'copied',
};
