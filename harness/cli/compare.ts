import { join } from 'node:path';
import process from 'node:process';
import { type Command, Option } from 'commander';
import { projectRoot } from '../host/project.js';
import { agrees, compareRuns, renderComparison, renderComparisonMarkdown } from '../report/compare/index.js';
import { renderJson } from '../report/index.js';
import { findRun } from '../results/index.js';

interface CompareOptions {
  readonly format: 'terminal' | 'markdown' | 'json';
  readonly runs: string;
}

export function compareCommand(command: Command): Command {
  return command
    .command('compare')
    .summary('hold two runs against each other')
    .description(
      'Compares the cells that two runs have in common: rates of failure with their intervals, what decided, and how long ' +
        'it took. Made for one matrix run in two ways (booted and restored), on two hosts, or at two times.',
    )
    .argument('<A>', 'id or folder of a run, or latest')
    .argument('<B>', 'the other')
    .addOption(
      new Option('--format <name>', 'how it is printed')
        .choices(['terminal', 'markdown', 'json'])
        .default('terminal'),
    )
    .option('--runs <folder>', 'where runs are kept', join(projectRoot, 'results'))
    .addHelpText(
      'after',
      '\nExamples:\n  kmatrix run --profile smoke --boot cold --seed 7\n  kmatrix run --profile smoke --seed 7\n' +
        '  kmatrix compare RUN latest\n' +
        '  kmatrix compare RUN latest --format markdown > compared.md\n' +
        '\nExit codes: 0 no cell’s intervals are apart, 1 some are, 2 wrong input.',
    )
    .action(async (one: string, other: string, { format, runs }: CompareOptions) => {
      const comparison = await compareRuns(await findRun(runs, one), await findRun(runs, other));
      process.stdout.write(textOf());
      process.exitCode = agrees(comparison) ? 0 : 1;

      function textOf(): string {
        switch (format) {
          case 'terminal':
            return renderComparison(comparison, process.stdout.columns ?? 160);
          case 'markdown':
            return renderComparisonMarkdown(comparison);
          case 'json':
            return renderJson(comparison);
          default:
            return format satisfies never;
        }
      }
    });
}
