import { printable } from '../host/printable.js';
import { readConsole } from '../results/read-console.js';
import type { ReportGroup, RunSummary } from './types.js';

const maximumLines = 24;
const maximumColumns = 200;
/** Reading consoles is what takes time; the groups after these are listed without their text. */
const maximumGroups = 100;

/** Adds to each group of reports the text of its first one, escaped. A console that can't be read says so in its place. */
export async function withExcerpts(summary: RunSummary): Promise<RunSummary> {
  const reports: ReportGroup[] = [];
  for (const [index, group] of summary.reports.entries()) {
    const excerpt = index < maximumGroups ? await excerptOf(summary.folder, group) : [];
    reports.push({ ...group, first: { ...group.first, excerpt } });
  }
  return { ...summary, reports };
}

async function excerptOf(folder: string, { first }: ReportGroup): Promise<string[]> {
  if (first.console === '') return [];
  try {
    return cut((await readConsole(folder, first.console)).toString('utf8'), first);
  } catch (error) {
    return [`(${printable(String(error), maximumColumns)})`];
  }
}

function cut(text: string, { line, endLine }: ReportGroup['first']): string[] {
  const lines = text
    .split('\n')
    .slice(line - 1, Math.max(line, endLine))
    .map((one) => printable(one.replace(/\r$/, ''), maximumColumns));
  if (lines.length <= maximumLines) return lines;
  return [...lines.slice(0, maximumLines), `(${lines.length - maximumLines} more lines)`];
}
