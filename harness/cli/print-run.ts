import { relative } from 'node:path';
import process from 'node:process';
import pc from 'picocolors';
import { UsageError } from '../errors.js';
import { renderJson } from '../report/json.js';
import { renderMarkdown } from '../report/markdown.js';
import { summaryFile, tableFile } from '../report/publish.js';
import { renderTerminal } from '../report/terminal.js';
import { withExcerpts } from '../summary/excerpts.js';
import { summarise } from '../summary/summarise.js';
import type { RunSummary } from '../summary/types.js';

export const formats = ['terminal', 'markdown', 'json'] as const;
export type Format = (typeof formats)[number];

/** File that a format is kept under in a run's folder. */
export const fileOf: Readonly<Record<Format, string>> = {
  terminal: 'table.txt',
  markdown: tableFile,
  json: summaryFile,
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
  await withExcerpts(folder, await summarise(folder));

/** Where a summary is read: at a stream, from the folder that one is in; or from a file in the run's folder. */
export interface Reader {
  readonly stream: NodeJS.WriteStream;
  /** The run's. */
  readonly folder: string;
}

/** A summary as text; colour and width only where a person reads it from a terminal. */
export function render(summary: RunSummary, format: Format, reader?: Reader): string {
  switch (format) {
    case 'terminal':
      return renderTerminal(summary, {
        width: widthOf(reader?.stream),
        color: reader?.stream.isTTY === true && pc.isColorSupported,
        folder: reader === undefined ? '' : relative(process.cwd(), reader.folder),
      });
    case 'markdown':
      return renderMarkdown(summary);
    case 'json':
      return renderJson(summary);
    default:
      return format satisfies never;
  }
}

/** Columns of a terminal; else COLUMNS, as people set it for output that goes through a pipe. */
export const widthOf = (stream?: NodeJS.WriteStream): number => stream?.columns ?? columnsAsked() ?? 160;

function columnsAsked(): number | undefined {
  const columns = Number(process.env.COLUMNS);
  return Number.isInteger(columns) && columns > 0 ? columns : undefined;
}

/** 3 where no kernel at all could be had, 1 for anything unexpected or a control that failed. */
export function runExitCode({ kernels, attempts, controls }: RunSummary): number {
  if (kernels.length > 0 && kernels.every(({ unavailable }) => unavailable !== null)) return 3;
  return attempts.unexpected > 0 || !controls.held ? 1 : 0;
}
