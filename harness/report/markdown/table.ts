import type { CellSummary } from '../../summary/types.js';

/** Rows of Markdown as a table of GitHub's; the first is its heading. */
export function table([top = [], ...rows]: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(top), line(top.map(() => '---')), ...rows.map(line)];
}

/** `text` of a cell with its outcome linked to the console of the attempt that decided it, where that one failed. */
export function outcomeLink({ outcome, console, failing }: CellSummary, text: string): string {
  const marked = text.replace(/ !$/, ' **!**');
  return console !== '' && failing > 0 ? marked.replace(outcome, `[${outcome}](${console})`) : marked;
}

/** @param console path within the run's folder; '' without one */
export const consoleLink = (console: string): string => (console === '' ? '' : `[console](${console})`);
