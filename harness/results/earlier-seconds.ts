import { join } from 'node:path';
import { runIds } from './find-run.js';
import { readAttempts } from './read-run.js';

/**
 * How long cells took in earlier runs: seconds per attempt, by cell id, a mean over the newest runs. What can't be read is
 * left out: it only orders work.
 *
 * @param root the folder that holds runs
 */
export async function earlierSeconds(root: string): Promise<ReadonlyMap<string, number>> {
  const sums = new Map<string, { seconds: number; count: number }>();
  const ids = (await runIds(root)).slice(0, newestRuns);
  for (const id of ids) {
    try {
      for await (const { key, seconds, outcome } of readAttempts(join(root, id))) {
        if (outcome === 'unavailable') continue;
        const sum = sums.get(key.cell) ?? { seconds: 0, count: 0 };
        sums.set(key.cell, { seconds: sum.seconds + seconds, count: sum.count + 1 });
      }
    } catch {
      // damaged or of another version: the run that reads it for its own sake says so
    }
  }
  return new Map([...sums].map(([cell, { seconds, count }]) => [cell, seconds / count]));
}

/** Enough to see most cells, few enough to read in a moment. */
const newestRuns = 3;
