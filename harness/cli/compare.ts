import { join } from 'node:path';
import process from 'node:process';
import { type Command, Option } from 'commander';
import { UsageError } from '../errors.js';
import { projectRoot } from '../host/project.js';
import { kmatrixVersion } from '../host/version.js';
import { loadMatrix } from '../matrix/load.js';
import { formats, formatsOf } from '../report/formats.js';
import { publishRun } from '../report/publish.js';
import { findRun } from '../results/find-run.js';
import { confirmRuns } from '../run/confirm-runs.js';
import { compareRuns } from '../summary/compare/compare-runs.js';
import { type Confirmation, confirmationOf, isRefuted } from '../summary/compare/confirm.js';
import { agrees } from '../summary/compare/differences.js';
import { planConfirmation } from '../summary/compare/plan-confirmation.js';
import type { Comparison } from '../summary/compare/types.js';
import { progressOn } from './board.js';
import { acceleratorOption, positive } from './option-values.js';
import { screenOf } from './screen.js';

interface CompareOptions {
  readonly format: string;
  readonly runs: string;
  readonly confirm?: boolean;
  readonly attempts?: number;
  readonly jobs?: number;
  readonly accelerator: 'auto' | 'kvm' | 'tcg';
  readonly matrix: string;
  readonly out?: string;
}

export function compareCommand(command: Command, signal: AbortSignal): Command {
  return command
    .command('compare')
    .summary('compare two runs')
    .description(
      'Compares the cells that two runs have in common. Lists first the cells whose outcome or signature changed, however ' +
        'few their attempts, with the number of attempts that would decide each change; then what can’t be compared, and ' +
        'why; then failure rates with their intervals, what was met, and how long it took. Meant for one matrix that ran ' +
        'in two ways (booted and restored, restored and copied), on two hosts, or at two times.',
    )
    .argument('<A>', 'id or folder of a run, or latest')
    .argument('<B>', 'the other')
    .addOption(
      new Option('--format <name>', 'how it is printed')
        .choices(formats.map(({ name }) => name))
        .default('terminal'),
    )
    .option('--runs <folder>', 'where runs are kept', join(projectRoot, 'results'))
    .option(
      '--confirm',
      'run the attempts that decide what changed, on the images of both runs, and judge by them',
    )
    .option('--attempts <n>', 'with --confirm: this many per run and cell instead', positive)
    .option('--jobs <n>', 'with --confirm: machines at a time', positive)
    .addOption(acceleratorOption().default('auto', 'each run’s own'))
    .option('--matrix <file>', 'with --confirm: matrix file', join(projectRoot, 'matrix.yml'))
    .option('--out <folder>', 'with --confirm: where the new runs are kept (default: where the others are)')
    .addHelpText(
      'after',
      '\nExamples:\n  kmatrix run --profile smoke --start cold --seed 7\n  kmatrix run --profile smoke --seed 7\n' +
        '  kmatrix compare RUN latest\n' +
        '  kmatrix compare RUN latest --confirm\n' +
        '  kmatrix compare RUN latest --format markdown > compared.md\n' +
        '\nRates of failure are apart by Fisher’s exact test (two-sided, 5 %, Holm’s\n' +
        'correction over the cells whose numbers can reach that at all), alike where\n' +
        'the 90 % interval of their difference (Miettinen-Nurminen) lies within\n' +
        '20 points, else undecided.\n' +
        '\nExit codes: 0 no difference was seen (rates may be undecided: the text says\n' +
        'how many); 1 a cell ended in another outcome or signature, however few its\n' +
        'attempts, or rates are apart, or no cell has attempts in both runs; 2 wrong\n' +
        'input, or runs that share no cell. A cell without attempts in one run\n' +
        '(unavailable, not run) is named, but is no difference. In JSON, changes and\n' +
        'verdict say which it is.\n' +
        'With --confirm: 0 also if everything that changed turned out alike; 1 if\n' +
        'something is apart or still undecided; 3 an image of either run is gone from\n' +
        'the cache, or this host can’t run it; 130 interrupted.',
    )
    .action((one: string, other: string, options: CompareOptions, used: Command) => {
      if (options.confirm !== true) refuseWithoutConfirm(used);
      return compare([one, other], options, signal);
    });
}

function refuseWithoutConfirm(command: Command): void {
  const given = ['attempts', 'jobs', 'accelerator', 'matrix', 'out'].find(
    (name) => command.getOptionValueSource(name) === 'cli',
  );
  if (given === undefined) return;
  throw new UsageError('only --confirm starts machines', {
    where: `--${given}`,
    remedy: 'add --confirm, or leave out that option',
  });
}

async function compare(
  [one, other]: readonly [string, string],
  options: CompareOptions,
  signal: AbortSignal,
): Promise<void> {
  const folders = [await findRun(options.runs, one), await findRun(options.runs, other)] as const;
  const comparison = await compareRuns(...folders);
  if (options.confirm !== true) {
    print(comparison, null, options.format);
    process.exitCode = agrees(comparison) ? 0 : 1;
    return;
  }
  const { confirmation, interrupted } = await confirm(comparison, folders, options, signal);
  print(comparison, confirmation, options.format);
  const refuted = agrees(comparison) || isRefuted(comparison, confirmation);
  process.exitCode = interrupted ? 130 : refuted ? 0 : 1;
}

async function confirm(
  comparison: Comparison,
  folders: readonly [string, string],
  { attempts, jobs, accelerator, runs, out = runs, matrix }: CompareOptions,
  signal: AbortSignal,
): Promise<{ readonly confirmation: Confirmation; readonly interrupted: boolean }> {
  const plan = planConfirmation(comparison, attempts);
  if (plan.cells.length === 0) return { confirmation: confirmationOf(plan, null), interrupted: false };
  const request = {
    ...{ folders, out, jobs, cells: plan.cells },
    matrix: await loadMatrix(matrix),
    accelerator: accelerator === 'auto' ? undefined : accelerator,
    version: kmatrixVersion,
  };
  const progress = progressOn();
  const made = await confirmRuns(request, (event) => progress.on(event), signal).finally(() =>
    progress.close(),
  );
  for (const folder of new Set(made.folders)) await publishRun(folder);
  if (made.interrupted) process.stderr.write('interrupted; finished attempts are kept; nothing is judged\n');
  // half of a run says nothing
  const anew = made.interrupted ? null : await compareRuns(...made.folders);
  return { confirmation: confirmationOf(plan, anew, made.changedSince), interrupted: made.interrupted };
}

function print(comparison: Comparison, confirmation: Confirmation | null, name: string): void {
  for (const format of formatsOf(name))
    process.stdout.write(format.comparison({ comparison, confirmation }, screenOf(process.stdout)));
}
