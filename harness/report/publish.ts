import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { diskError } from '../results/disk-error.js';
import { withExcerpts } from '../summary/excerpts.js';
import { summarise } from '../summary/summarise.js';
import type { RunSummary } from '../summary/types.js';
import { renderJson } from './json.js';
import { renderMarkdown } from './markdown.js';

/** Files beside run.json that make a run's folder publishable as it is. */
export const tableFile = 'table.md';
export const summaryFile = 'summary.json';

/**
 * Writes a run's table and summary into its folder, in place of earlier ones.
 *
 * @throws UsageError where the folder holds no run; HostError where it can't be written
 */
export async function publishRun(folder: string): Promise<RunSummary> {
  const summary = await withExcerpts(folder, await summarise(folder));
  try {
    await writeFileAtomic(join(folder, tableFile), renderMarkdown(summary));
    await writeFileAtomic(join(folder, summaryFile), renderJson(summary));
  } catch (cause) {
    throw diskError("the run's table can't be written", folder, cause);
  }
  return summary;
}
