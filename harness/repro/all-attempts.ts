import type { StoredAttempt } from '../results/attempt-schema.js';
import { distinctAttempts } from '../results/distinct-attempts.js';

/** Every attempt of a run, in the order in which they finished. A reproduction is small enough to be held whole. */
export async function allAttempts(folder: string): Promise<StoredAttempt[]> {
  const attempts: StoredAttempt[] = [];
  for await (const attempt of distinctAttempts(folder)) attempts.push(attempt);
  return attempts;
}
