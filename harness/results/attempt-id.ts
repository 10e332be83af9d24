import type { AttemptKey } from '../matrix/types.js';

/** Stable name of an attempt within its run. */
export const attemptId = ({ cell, index }: Pick<AttemptKey, 'cell' | 'index'>): string => `${cell}#${index}`;

/** Name of its console within the run's folder. Ids hold no underscore, so two cells can't share one. */
export const consoleName = ({ cell, index }: Pick<AttemptKey, 'cell' | 'index'>): string =>
  `consoles/${cell.replaceAll('/', '__')}--${index}.log`;
