import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { diskError } from '../results/disk-error.js';
import { readSummary } from '../summary/read-summary.js';
import type { RunSummary } from '../summary/types.js';
import { json } from './json/format.js';
import { markdown } from './markdown/format.js';

/**
 * Writes a run's table and summary into its folder, in place of earlier ones: beside run.json they make it publishable as it is.
 *
 * @throws UsageError where the folder holds no run; HostError where it can't be written
 */
export async function publishRun(folder: string): Promise<RunSummary> {
  const summary = await readSummary(folder);
  const screen = { width: Number.POSITIVE_INFINITY, colour: false, folder: '' };
  try {
    for (const format of [markdown, json])
      await writeFileAtomic(join(folder, format.file), format.run(summary, screen));
  } catch (cause) {
    throw diskError("the run's table can't be written", folder, cause);
  }
  return summary;
}
