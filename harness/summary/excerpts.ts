import { excerpt } from '../diagnosis/excerpt.js';
import { messageOf } from '../errors.js';
import { printable } from '../host/printable.js';
import { withoutHostPaths } from '../results/public-text.js';
import { readConsole } from '../results/read-console.js';
import type { ReportGroup, RunSummary } from './types.js';

const maximumLines = 24;
const maximumColumns = 200;
/** Reading consoles is what takes time; the groups after these are listed without their text. */
const maximumGroups = 100;

/**
 * Adds to each group of reports the text of its first one, escaped. A console that can't be read says so in its place.
 *
 * @param folder the run's
 */
export async function withExcerpts(folder: string, summary: RunSummary): Promise<RunSummary> {
  const reports: ReportGroup[] = [];
  for (const [index, group] of summary.reports.entries()) {
    const text = index < maximumGroups ? await excerptOf(folder, group) : [];
    reports.push({ ...group, first: { ...group.first, excerpt: text } });
  }
  return { ...summary, reports };
}

async function excerptOf(folder: string, { first }: ReportGroup): Promise<string[]> {
  if (first.console === '') return [];
  try {
    const text = await readConsole(folder, first.console);
    return excerpt(text, first, maximumLines)
      .split('\n')
      .map((line) => printable(line, maximumColumns));
  } catch (error) {
    return [`(${printable(withoutHostPaths(messageOf(error)), maximumColumns)})`];
  }
}
