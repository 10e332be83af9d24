import process from 'node:process';
import pc from 'picocolors';
import { UsageError } from '../errors.js';
import {
  type RunSummary,
  renderJson,
  renderMarkdown,
  renderTerminal,
  summarise,
  withExcerpts,
} from '../report/index.js';

export const formats = ['terminal', 'markdown', 'json'] as const;
export type Format = (typeof formats)[number];

/** File that a format is kept under in a run's folder. */
export const fileOf: Readonly<Record<Format, string>> = {
  terminal: 'table.txt',
  markdown: 'table.md',
  json: 'summary.json',
};

export function parseFormats(text: string): Format[] {
  return text.split(',').map((word) => {
    const name = word.trim() === 'md' ? 'markdown' : word.trim();
    const format = formats.find((known) => known === name);
    if (!format)
      throw new UsageError(`no such format: ${word}`, {
        where: '--format',
        remedy: `use ${formats.join(', ')}`,
      });
    return format;
  });
}

export const readSummary = async (folder: string): Promise<RunSummary> =>
  await withExcerpts(await summarise(folder));

/** A summary as text; colour and width only where a person reads it from a terminal. */
export function render(summary: RunSummary, format: Format, stream?: NodeJS.WriteStream): string {
  switch (format) {
    case 'terminal':
      return renderTerminal(summary, {
        width: stream?.columns ?? 160,
        color: stream?.isTTY === true && pc.isColorSupported,
      });
    case 'markdown':
      return renderMarkdown(summary);
    case 'json':
      return renderJson(summary);
    default:
      return format satisfies never;
  }
}

export async function printRun(folder: string, format: Format): Promise<RunSummary> {
  const summary = await readSummary(folder);
  process.stdout.write(render(summary, format, process.stdout));
  return summary;
}

/** 3 where no kernel at all could be had, 1 for anything unexpected or a control that failed. */
export function runExitCode({ kernels, attempts, controls }: RunSummary): number {
  if (kernels.length > 0 && kernels.every(({ unavailable }) => unavailable !== null)) return 3;
  return attempts.unexpected > 0 || !controls.held ? 1 : 0;
}
