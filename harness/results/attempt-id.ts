import type { AttemptKey } from '../matrix/types.js';
import { firstSession } from './session.js';

/** Stable name of an attempt within its run. */
export const attemptId = ({ cell, index }: Pick<AttemptKey, 'cell' | 'index'>): string => `${cell}#${index}`;

/**
 * Name of its console within the run's folder. Ids hold no underscore, so two cells can't share one; an attempt that a discarded
 * session ran has another's beside its own.
 */
export const consoleName = (key: Pick<AttemptKey, 'cell' | 'index'>, session: string): string =>
  `consoles/${fileName(key, session)}.log`;

/** The same of its samples. */
export const seriesName = (key: Pick<AttemptKey, 'cell' | 'index'>, session: string): string =>
  `series/${fileName(key, session)}.jsonl`;

const fileName = ({ cell, index }: Pick<AttemptKey, 'cell' | 'index'>, session: string): string =>
  `${cell.replaceAll('/', '__')}--${index}${session === firstSession ? '' : `.s${session}`}`;
