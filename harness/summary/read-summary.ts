import { withExcerpts } from './excerpts.js';
import { summarise } from './summarise.js';
import type { RunSummary } from './types.js';

/** A run's table with the kernel's own words at its reports. @throws UsageError where the folder holds no run */
export const readSummary = async (folder: string): Promise<RunSummary> =>
  await withExcerpts(folder, await summarise(folder));
