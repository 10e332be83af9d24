import { join } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import writeFileAtomic from 'write-file-atomic';
import { HostError } from '../errors.js';
import { makeFolder } from '../host/make-folder.js';
import { projectRoot } from '../host/project.js';
import { formats, formatsOf } from '../report/formats.js';
import { findRun } from '../results/find-run.js';
import { readSummary } from '../summary/read-summary.js';
import { fileScreen, screenOf } from './screen.js';

interface ReportOptions {
  readonly format: string;
  readonly runs: string;
  readonly out?: string;
}

export function reportCommand(command: Command): Command {
  return command
    .command('report')
    .summary('print the table of a run')
    .description('Reads a stored run and prints its table, or writes it to files.')
    .argument('[run]', 'id, folder, or latest', 'latest')
    .option('--format <list>', `comma-separated: ${formats.map(({ name }) => name).join(', ')}`, 'terminal')
    .option('--runs <folder>', 'where runs are kept', join(projectRoot, 'results'))
    .option(
      '--out <folder>',
      'write files there instead of printing; paths in them start at the run’s folder',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  kmatrix report\n  kmatrix report latest --format markdown > table.md\n' +
        '  kmatrix report RUN --format terminal,markdown,json --out published',
    )
    .action(async (run: string, options: ReportOptions) => {
      const chosen = formatsOf(options.format);
      const folder = await findRun(options.runs, run);
      const summary = await readSummary(folder);
      for (const format of chosen) {
        if (options.out === undefined) {
          process.stdout.write(format.run(summary, screenOf(process.stdout, folder)));
        } else {
          await write(options.out, format.file, format.run(summary, fileScreen()));
        }
      }
    });
}

async function write(folder: string, name: string, text: string): Promise<void> {
  const path = join(folder, name);
  try {
    await makeFolder(folder);
    await writeFileAtomic(path, text);
  } catch (cause) {
    throw new HostError("the report can't be written", {
      where: path,
      remedy: 'name a folder that is writable',
      cause,
    });
  }
  process.stderr.write(`${path}\n`);
}
