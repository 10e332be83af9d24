import { join } from 'node:path';
import process from 'node:process';
import { Argument, type Command, Option } from 'commander';
import { knownIssueOf } from '../diagnosis/known-issues.js';
import { UsageError } from '../errors.js';
import { projectRoot } from '../host/project.js';
import { kmatrixVersion } from '../host/version.js';
import { loadMatrix } from '../matrix/load.js';
import { renderJson } from '../report/json/render.js';
import { publishRun } from '../report/publish.js';
import { renderSeries } from '../report/terminal/series.js';
import { type Arm, type Bug, findArm, findBug, loadBugs, type ReportsBug } from '../repro/bugs.js';
import type { Chosen } from '../repro/choose-kernels.js';
import { measureSeries, seriesExitCode } from '../repro/measure-series.js';
import { reproduce, reproExitCode } from '../repro/reproduce.js';
import { compareLines } from '../versions/kernel-lines.js';
import { progressOn } from './board.js';
import { bugsForHelp } from './bugs-for-help.js';
import {
  acceleratorOption,
  collect,
  positive,
  type StartOptions,
  startOf,
  startOptions,
  unsigned32,
} from './option-values.js';
import { checkBundle, printAndBundle } from './repro-bundle.js';
import { screenOf } from './screen.js';

interface ReproOptions extends StartOptions {
  readonly matrix: string;
  readonly kernel: readonly string[];
  readonly arm?: string;
  readonly defect?: string;
  readonly control?: boolean;
  readonly attempts?: number;
  readonly minutes?: number;
  readonly jobs?: number;
  readonly seed?: number;
  readonly accelerator: 'auto' | 'kvm' | 'tcg';
  readonly out: string;
  readonly bundle?: string;
  readonly record?: boolean;
  readonly vmcore?: boolean;
  readonly offline?: boolean;
  readonly json?: boolean;
}

const usual = { matrix: join(projectRoot, 'matrix.yml'), accelerator: 'auto', start: 'auto' } as const;

export function reproCommand(command: Command, signal: AbortSignal): Command {
  const bugs = bugsForHelp();
  const arms = bugs.flatMap((bug) => (bug.kind === 'reports' ? bug.arms : []));
  const choose = (option: Option, names: readonly string[]): Option =>
    names.length === 0 ? option : option.choices([...new Set(names)]);
  const [startOption, oldStartOption] = startOptions();
  return command
    .command('repro')
    .summary('reproduce a known bug')
    .description(
      'Provokes a known bug on a kernel that has it, until the kernel reports it. Then says whether the report is that ' +
        'bug, and how that is known. On several kernels, or with --control, all attempts run and are compared.',
    )
    .addArgument(new Argument('<issue>', ['which bug', bugs.map(({ id }) => id).join(', ')].join(': ')))
    .option('--matrix <file>', 'matrix file', usual.matrix)
    .option(
      '--kernel <pattern>',
      'these kernels, imported ones too; repeatable; * and ? are wildcards',
      collect,
      [],
    )
    .addOption(
      choose(
        new Option(
          '--arm <name>',
          'poisoned: freed memory faults at once; stock: by chance; natural, natural-1cpu: Docker of 2013',
        ),
        arms.map(({ name }) => name),
      ),
    )
    .addOption(
      choose(
        new Option('--defect <name>', 'exec from a thread of pid 1, or children that reap themselves'),
        arms.map(({ defect }) => defect),
      ),
    )
    .option('--control', 'also run the control arm, which must stay silent; run both to the end')
    .option('--attempts <n>', 'at most this many (20); in a comparison, exactly this many (5)', positive)
    .option('--minutes <m>', 'stop after this many minutes; unfinished attempts are not counted', minutes)
    .option('--jobs <n>', 'machines at a time', positive)
    .option('--seed <n>', 'run seed: the same seed gives the same attempt seeds', unsigned32)
    .addOption(acceleratorOption())
    .addOption(startOption)
    .addOption(oldStartOption)
    .option('--bundle <file>', 'write the attempt to NAME.tar.zst or .tar.gz, a file that can run it again')
    .option(
      '--record',
      'with --bundle: add a recording on one vCPU, which replays it instruction for instruction',
    )
    .option('--vmcore', 'with --bundle: add the memory of the machine after the report, for crash(8) or gdb')
    .option('--out <folder>', 'where runs are kept', join(projectRoot, 'results'))
    .option('--offline', 'use only kernels that the cache holds')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  kmatrix repro 407\n' +
        '  kmatrix repro 407 --arm stock --kernel vanilla-3.7 --minutes 5\n' +
        "  kmatrix repro 407 --control --attempts 10 --kernel 'vanilla-3.?'\n" +
        '  kmatrix repro lp720095 --json > series.json\n' +
        '\nExit codes: 0 reproduced, or a comparison that has an answer for each kernel;\n' +
        '1 not reproduced, or a kernel without an answer; 2 wrong input; 3 no kernel, or\n' +
        'this host can’t run it; 130 interrupted.',
    )
    .action((issue: string, options: ReproOptions) => repro(findBug(loadBugs(), issue), options, signal));
}

/** More than a timer of Node's holds would ring at once (2^31 ms). */
function minutes(text: string): number {
  return Math.min(positive(text), 35_000);
}

async function repro(bug: Bug, options: ReproOptions, signal: AbortSignal): Promise<void> {
  if (bug.kind === 'series') refuseForSeries(options);
  await checkBundle(options);
  const { out, seed, jobs, accelerator, attempts, offline = false, kernel: kernels, json = false } = options;
  const matrix = await loadMatrix(options.matrix);
  const request = {
    ...{ matrix, kernels, out, seed, jobs, accelerator, offline, attempts },
    minutes: options.minutes,
    start: startOf(options),
    version: kmatrixVersion,
  };
  const progress = progressOn();
  let used = matrix;
  const events = {
    emit: (event: Parameters<typeof progress.on>[0]) => progress.on(event),
    onChosen: ({ kernels: chosen, because, matrix: withImported }: Chosen) => {
      used = withImported;
      warnOfMended(bug, chosen);
      if (because === '') return;
      process.stderr.write(`taking ${chosen.map(({ id }) => id).join(', ')}: ${because}\n`);
    },
  };
  const closed = (): void => progress.close();
  if (bug.kind === 'series') {
    const series = await measureSeries({ ...request, bug }, events, signal).finally(closed);
    await publishRun(series.folder);
    process.stdout.write(
      json ? renderJson(series) : renderSeries(series, screenOf(process.stdout, series.folder)),
    );
    process.exitCode = seriesExitCode(series);
    return;
  }
  const asked = { ...request, ...reportsOf(bug, options) };
  const reproduction = await reproduce(asked, events, signal).finally(closed);
  await publishRun(reproduction.folder);
  process.exitCode = reproExitCode(reproduction);
  const given = givenWords(options);
  await printAndBundle(reproduction, { ...options, json, given, matrix: used }, signal);
}

/** Silence there is what the fix promises, and an attempt then takes its whole time. */
function warnOfMended({ kind, knownIssue }: Bug, kernels: Chosen['kernels']): void {
  // a series is measured on mended lines as on others
  if (kind === 'series') return;
  const fixed = knownIssueOf(knownIssue)?.fixed ?? '';
  const mended = kernels.filter(({ line }) => fixed !== '' && compareLines(line, fixed) >= 0);
  if (mended.length === 0) return;
  const names = mended.map(({ id }) => id).join(', ');
  process.stderr.write(`${knownIssue} was fixed in ${fixed}: ${names} should stay silent\n`);
}

/** Options that choose the attempts, as far as they aren't the usual ones. */
function givenWords({ attempts, accelerator, matrix, ...options }: ReproOptions): string[] {
  return [
    ...(attempts === undefined ? [] : ['--attempts', String(attempts)]),
    ...(startOf(options) === usual.start ? [] : ['--start', startOf(options)]),
    ...(accelerator === usual.accelerator ? [] : ['--accelerator', accelerator]),
    ...(matrix === usual.matrix ? [] : ['--matrix', matrix]),
  ];
}

function reportsOf(
  bug: ReportsBug,
  { arm: name, defect, control = false }: ReproOptions,
): { readonly bug: ReportsBug; readonly arm: Arm; readonly control: boolean } {
  const arm = findArm(bug, { name, defect });
  if (!control || arm.control !== null) return { bug, arm, control };
  throw new UsageError(`the arm '${arm.name}' has no control arm`, {
    where: '--control',
    remedy: 'leave it out, or choose another --arm',
  });
}

/** Words that would mean nothing are refused, not ignored. */
function refuseForSeries({ arm, defect, control, bundle, record, vmcore }: ReproOptions): void {
  const given = Object.entries({ arm, defect, control, bundle, record, vmcore }).find(
    ([, value]) => value !== undefined,
  );
  if (given === undefined) return;
  throw new UsageError('this bug has no arms and no report: each kernel is its own control', {
    where: `--${given[0]}`,
    remedy: 'leave out that option',
  });
}
