import type { Selection } from '../matrix/types.js';
import type { StoredAttempt } from '../results/attempt-schema.js';
import { distinctAttempts } from '../results/distinct-attempts.js';

/**
 * Profile names of the runs that a reproduction stores; no profile of a matrix has them. A search ends by what it finds, so
 * that its rates are worth nothing; of a comparison each attempt runs, unless it is cut short.
 */
export const searchProfile = (bug: string): string => `search-${bug}`;
export const comparisonProfile = (bug: string): string => `compare-${bug}`;

export const isComparison = ({ profile, cells }: Selection, bug: string): boolean =>
  cells !== undefined && profile === comparisonProfile(bug);

/** Every attempt of a run, in the order in which they finished. A reproduction is small enough to be held whole. */
export async function allAttempts(folder: string): Promise<StoredAttempt[]> {
  const attempts: StoredAttempt[] = [];
  for await (const attempt of distinctAttempts(folder)) attempts.push(attempt);
  return attempts;
}
