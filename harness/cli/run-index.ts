import { counted } from '../host/counted.js';
import type { RunSummary } from '../summary/types.js';

/** What a run is, where nobody says it. */
export const runLine = ({ run, kernels, attempts, controls }: RunSummary): string =>
  `${run.selection.profile}: ${counted(kernels.length, 'kernel')}, ${counted(attempts.finished, 'attempt')}; ${controls.verdict}`;

/**
 * The index of runs with a line for this one: in place of the one that it had, or at the end of the table. An index that has no table
 * gets one.
 *
 * @param index Markdown
 */
export function withRunLine(index: string, run: string, about: string): string {
  const line = `| [${run}](${run}/table.md) | ${about.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim()} |`;
  const lines = index.split('\n');
  const own = lines.findIndex((one) => one.startsWith(`| [${run}](`));
  if (own >= 0) return [...lines.slice(0, own), line, ...lines.slice(own + 1)].join('\n');
  const rule = lines.findIndex(
    (one, at) => /^\| run \|/.test(lines[at - 1] ?? '') && /^\|[-| ]+\|$/.test(one),
  );
  if (rule < 0)
    return `${index === '' ? '# Published runs' : index.trimEnd()}\n\n| run | what |\n|---|---|\n${line}\n`;
  let end = rule + 1;
  while (lines[end]?.startsWith('|')) end += 1;
  return [...lines.slice(0, end), line, ...lines.slice(end)].join('\n');
}
