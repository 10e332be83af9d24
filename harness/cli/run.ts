import { join, resolve } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { UsageError } from '../errors.js';
import { projectRoot } from '../host/project.js';
import { shellQuoted } from '../host/shell-quoted.js';
import { kmatrixVersion } from '../host/version.js';
import { importedRow } from '../kernels/imported-row.js';
import { matchesAny } from '../matrix/glob.js';
import { loadMatrix } from '../matrix/load.js';
import type { Matrix } from '../matrix/types.js';
import { json } from '../report/json/format.js';
import { publishRun } from '../report/publish.js';
import { terminal } from '../report/terminal/format.js';
import { findRun } from '../results/find-run.js';
import { readManifest } from '../results/read-run.js';
import { isConfirmation } from '../run/confirm-runs.js';
import { performRun } from '../run/perform-run.js';
import type { PerformedRun } from '../run/types.js';
import { readSummary } from '../summary/read-summary.js';
import type { RunSummary } from '../summary/types.js';
import { progressOn } from './board.js';
import {
  acceleratorOption,
  axisAttributes,
  axisOptions,
  axisPatterns,
  collect,
  positive,
  type StartOptions,
  startOf,
  startOptions,
  unsigned32,
} from './option-values.js';
import { screenOf } from './screen.js';

interface RunOptions extends StartOptions {
  readonly matrix: string;
  readonly profile: string;
  readonly kernel: readonly string[];
  readonly workload: readonly string[];
  readonly attempts?: number;
  readonly jobs?: number;
  readonly seed?: number;
  readonly accelerator: 'auto' | 'kvm' | 'tcg';
  readonly resume?: string;
  readonly out: string;
  readonly offline?: boolean;
  readonly refresh?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

export function runCommand(command: Command, signal: AbortSignal): Command {
  const run = command
    .command('run')
    .summary('run the matrix and print its table')
    .description('Boots the kernels of a profile, runs its workloads, judges the consoles, prints the table.')
    .option('--matrix <file>', 'matrix file', join(projectRoot, 'matrix.yml'))
    .option('--profile <name>', 'smoke (ten minutes on two cores), nightly, or your own', 'smoke')
    .option('--kernel <pattern>', 'only these kernels; repeatable; * and ? are wildcards', collect, [])
    .option('--workload <pattern>', 'only these workloads; repeatable', collect, []);
  for (const option of axisOptions()) run.addOption(option);
  run
    .option('--attempts <n>', 'attempts per cell, instead of the profile’s number', positive)
    .option(
      '--jobs <n>',
      'machines at a time (default: one per core, and up to four per core while cores are idle)',
      positive,
    )
    .option('--seed <n>', 'run seed: the same seed gives the same cells, order and attempt seeds', unsigned32)
    .addOption(acceleratorOption());
  for (const option of startOptions()) run.addOption(option);
  return run
    .option('--resume <run>', 'continue an interrupted run: its id, folder, or latest')
    .option('--out <folder>', 'where runs are kept', usualOut)
    .option('--refresh', 'look for newer kernels than the cached ones: suites are updated')
    .option('--offline', 'use only kernels that the cache holds')
    .option('--force', 'also run kernels older than 2.6.32')
    .option('--json', 'print one JSON document instead of the table')
    .addHelpText(
      'after',
      '\nExamples:\n  kmatrix run --profile smoke\n' +
        "  kmatrix run --profile nightly --kernel 'vanilla-3.*' \\\n" +
        '      --workload pidns-exec --attempts 20\n' +
        '  kmatrix run --resume latest\n' +
        '\nExit codes: 0 every outcome as expected and every control held; 1 otherwise;\n' +
        '2 wrong input; 3 this host can’t run it; 130 interrupted.',
    )
    .action((options: RunOptions, used: Command) => {
      if (options.resume !== undefined) refuseBesideResume(used);
      return runMatrixCells(options, used, signal);
    });
}

/** A resumed run goes on as it was begun; words that would change it are refused, not ignored. */
function refuseBesideResume(command: Command): void {
  const words = ['profile', 'kernel', 'workload', 'attempts', 'seed', 'start', 'boot', 'refresh'];
  const options = [
    ...words.map((attribute) => ({ attribute, option: `--${attribute}` })),
    ...axisAttributes(),
  ];
  const given = options.find(({ attribute }) => command.getOptionValueSource(attribute) === 'cli');
  if (given === undefined) return;
  throw new UsageError(
    '--resume continues with the cells, seed, images and way of starting machines that the run began with',
    {
      where: given.option,
      remedy: 'leave out that option, or start a new run',
    },
  );
}

/** A reproduction stops by what it finds: the rest of its cells was never to run. A confirmation is of two runs together. */
async function runToResume(root: string, name: string): Promise<string> {
  const folder = await findRun(root, name);
  const { selection } = await readManifest(folder);
  if (selection.cells === undefined) return folder;
  if (isConfirmation(selection)) {
    throw new UsageError('that run belongs to kmatrix compare --confirm, which makes two runs together', {
      where: folder,
      remedy: 'run that command again',
    });
  }
  throw new UsageError('that run belongs to kmatrix repro, which stops according to what it finds', {
    where: folder,
    remedy: 'run its command again: it is printed after `again:`',
  });
}

/** An imported kernel runs by a row: what it may end in is the matrix's to say. */
async function refuseRowless(words: readonly string[], { kernels, path }: Matrix): Promise<void> {
  for (const word of words) {
    if (kernels.some(({ id }) => matchesAny(id, [word]))) continue;
    const row = await importedRow(word);
    if (row === undefined) continue;
    throw new UsageError(`'${word}' is imported, and no row of the matrix names it`, {
      where: path,
      remedy: `add one below kernels:  ${word}: {line: '${row.line}', imported: ${word}}`,
    });
  }
}

/** 3 where no kernel at all could be had, 1 for anything unexpected or a control that failed. */
function runExitCode({ kernels, attempts, controls }: RunSummary): number {
  if (kernels.length > 0 && kernels.every(({ unavailable }) => unavailable !== null)) return 3;
  return attempts.unexpected > 0 || !controls.held ? 1 : 0;
}

/** A run that has all its attempts starts no machine; it may have been killed before its table was written. */
async function showFinished(folder: string, { json: asJson }: RunOptions): Promise<boolean> {
  const { finished, planned } = (await readSummary(folder)).attempts;
  if (finished < planned) return false;
  const summary = await publishRun(folder);
  process.stdout.write((asJson ? json : terminal).run(summary, screenOf(process.stdout, folder)));
  process.stderr.write(`run ${summary.run.id} is already finished: nothing is left to run\n`);
  process.exitCode = runExitCode(summary);
  return true;
}

const usualOut = join(projectRoot, 'results');

async function runMatrixCells(options: RunOptions, used: Command, signal: AbortSignal): Promise<void> {
  const matrix = await loadMatrix(options.matrix);
  await refuseRowless(options.kernel, matrix);
  const resume = options.resume === undefined ? undefined : await runToResume(options.out, options.resume);
  if (resume !== undefined && (await showFinished(resume, options))) return;
  const progress = progressOn();
  let done: PerformedRun;
  try {
    done = await performRun(
      {
        matrix,
        selection: {
          profile: options.profile,
          kernels: options.kernel,
          workloads: options.workload,
          axes: axisPatterns(used),
          attempts: options.attempts ?? null,
          force: options.force === true,
        },
        resume,
        out: options.out,
        seed: options.seed,
        jobs: options.jobs,
        accelerator: options.accelerator,
        start: startOf(options),
        offline: options.offline === true,
        refresh: options.refresh === true,
        version: kmatrixVersion,
      },
      (event) => progress.on(event),
      signal,
    );
  } finally {
    progress.close();
  }
  const { folder, interrupted } = done;
  const summary = await publishRun(folder);
  const format = options.json ? json : terminal;
  process.stdout.write(format.run(summary, screenOf(process.stdout, folder)));
  process.exitCode = interrupted ? 130 : runExitCode(summary);
  if (interrupted) {
    // an id is looked for where runs usually are; a folder is found from anywhere
    const name = options.out === usualOut ? summary.run.id : shellQuoted([resolve(folder)]);
    process.stderr.write(`interrupted; kmatrix run --resume ${name} continues it\n`);
  }
  if (process.exitCode === 3)
    process.stderr.write('none of the selected kernels is available; the reasons are above\n');
}
