import { readFile } from 'node:fs/promises';
import process from 'node:process';
import type { Command } from 'commander';
import { classify } from '../diagnosis/classify.js';
import { toJson } from '../diagnosis/to-json.js';
import { UsageError } from '../errors.js';
import { printable } from '../host/printable.js';
import { renderJson } from '../report/json/render.js';

export function classifyCommand(command: Command): Command {
  return command
    .command('classify')
    .summary('find kernel reports (oopses, panics, …) in console text')
    .description(
      'Finds oopses, panics, lockups, hung tasks, warnings and stalls in a kernel console or dmesg.',
    )
    .argument('[file]', 'console text; - is standard input', '-')
    .option(
      '--json',
      'print one JSON array: kind, title, function, signature, knownIssue, corrupted, truncated, line, frames',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  dmesg | kmatrix classify\n  kmatrix classify results/RUN/consoles/CELL--0.log --json | jq .[].title',
    )
    .action(async (file: string, options: { readonly json?: boolean }) => {
      const reports = classify(await read(file));
      if (options.json) return void process.stdout.write(renderJson(reports.map(toJson)));
      for (const report of reports) {
        const issue = report.knownIssue === null ? '' : `  ${report.knownIssue}`;
        const doubt = [
          report.corrupted ? '  (corrupted text)' : '',
          report.truncated ? '  (truncated)' : '',
        ].join('');
        process.stdout.write(`${report.line}: ${report.kind}: ${printable(report.title)}${issue}${doubt}\n`);
        const trace = report.frames.filter((frame) => frame.reliable).slice(0, 8);
        if (trace.length > 0)
          process.stdout.write(`    ${printable(trace.map((frame) => frame.function).join(' ← '))}\n`);
      }
      if (reports.length === 0) process.stdout.write('no report\n');
    });
}

async function read(file: string): Promise<Buffer> {
  if (file === '-') {
    if (process.stdin.isTTY)
      process.stderr.write('reading console text from standard input; Ctrl-D ends it\n');
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  }
  try {
    return await readFile(file);
  } catch (cause) {
    throw new UsageError(`can't read the console text`, {
      where: file,
      remedy: 'name a file that exists, or - for standard input',
      cause,
    });
  }
}
