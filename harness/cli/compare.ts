import { join } from 'node:path';
import process from 'node:process';
import { type Command, Option } from 'commander';
import { projectRoot } from '../host/project.js';
import { agrees, compareRuns, renderComparison, renderComparisonMarkdown } from '../report/compare/index.js';
import { renderJson } from '../report/index.js';
import { findRun } from '../results/index.js';
import { widthOf } from './print-run.js';

interface CompareOptions {
  readonly format: 'terminal' | 'markdown' | 'json';
  readonly runs: string;
}

export function compareCommand(command: Command): Command {
  return command
    .command('compare')
    .summary('compare two runs')
    .description(
      'Compares the cells that two runs have in common. First those that ended in another outcome or signature, however few ' +
        'their attempts, with the number of attempts that would decide it; then what can’t be compared, and why; then rates of ' +
        'failure with their intervals, what was met, and how long it took. Made for one matrix run in two ways (booted and ' +
        'restored, restored and copied), on two hosts, or at two times.',
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
        '\nRates of failure are apart by Fisher’s exact test (two-sided, 5 %, Holm’s correction\n' +
        'over the cells whose numbers can reach that at all), alike where the 90 % interval of\n' +
        'their difference (Miettinen-Nurminen) lies within 20 points, else undecided.\n' +
        '\nExit codes: 0 no difference was seen (rates may be undecided: the text says how many);\n' +
        '1 a cell ended in another outcome or signature, however few its attempts, or rates\n' +
        'are apart, or no cell has attempts in both runs; 2 wrong input, or runs that share\n' +
        'no cell. A cell without attempts in one run is named, and no difference\n' +
        '(unavailable, not run). In JSON, changes and verdict say which it is.',
    )
    .action(async (one: string, other: string, { format, runs }: CompareOptions) => {
      const comparison = await compareRuns(await findRun(runs, one), await findRun(runs, other));
      process.stdout.write(textOf());
      process.exitCode = agrees(comparison) ? 0 : 1;

      function textOf(): string {
        switch (format) {
          case 'terminal':
            return renderComparison(comparison, widthOf(process.stdout));
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
