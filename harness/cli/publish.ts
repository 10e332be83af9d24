import { readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { execa } from 'execa';
import writeFileAtomic from 'write-file-atomic';
import { HostError, messageOf, UsageError } from '../errors.js';
import { counted } from '../host/counted.js';
import { projectRoot } from '../host/project.js';
import { json } from '../report/json/format.js';
import { publishRun } from '../report/publish.js';
import { findRun } from '../results/find-run.js';
import { packRun } from '../results/pack-run.js';
import type { RunSummary } from '../summary/types.js';
import { runLine, withRunLine } from './run-index.js';

interface PublishOptions {
  readonly runs: string;
  readonly about?: string;
  readonly whole?: boolean;
  readonly add?: boolean;
}

export function publishCommand(command: Command): Command {
  return command
    .command('publish')
    .summary('prepare a stored run to be committed')
    .description(
      'Rewrites a run’s table, packs the consoles and samples of the attempts in which something went wrong into one ' +
        'file, leaves out those of the others, adds a line to the index (README.md beside the runs), and adds it all to git.',
    )
    .argument('<run>', 'id, folder, or latest')
    .option('--about <text>', 'what the run is, for the index')
    .option('--whole', 'keep every console, each in a file of its own')
    .option('--no-add', 'do not add it to git')
    .option('--runs <folder>', 'where runs are kept', join(projectRoot, 'results'))
    .addHelpText(
      'after',
      '\nExamples:\n  kmatrix publish latest --about "nightly on thirty kernels"\n  kmatrix publish RUN --whole --no-add',
    )
    .action(publish);
}

async function publish(
  name: string,
  { runs, about, whole = false, add = true }: PublishOptions,
): Promise<void> {
  const folder = await findRun(runs, name);
  if (!whole) {
    const { kept, leftOut } = await packRun(folder);
    process.stderr.write(`${basename(folder)}: ${counted(kept, 'console')} packed, ${leftOut} left out\n`);
  }
  const summary = await publishRun(folder);
  // derived from the rest, and large
  await rm(join(folder, json.file), { force: true });
  const index = join(dirname(folder), 'README.md');
  await addLine(index, basename(folder), about, summary);
  if (add) await addToGit([folder, index]);
}

/** A line that is there stays as it is, unless another text was given. */
async function addLine(
  index: string,
  run: string,
  about: string | undefined,
  summary: RunSummary,
): Promise<void> {
  const text = await readFile(index, 'utf8').catch(() => '');
  if (about === undefined && text.includes(`[${run}](`)) return;
  const changed = withRunLine(text, run, about ?? runLine(summary));
  try {
    if (changed !== text) await writeFileAtomic(index, changed);
  } catch (cause) {
    throw new HostError("the index of runs can't be written", { where: index, cause });
  }
}

async function addToGit(paths: readonly string[]): Promise<void> {
  const [first = ''] = paths;
  // runs are ignored until they are published
  const { failed, stderr, shortMessage } = await execa('git', ['add', '--force', '--all', '--', ...paths], {
    cwd: dirname(first),
    reject: false,
  });
  if (!failed) return;
  throw new UsageError(`git refused it: ${messageOf(stderr || shortMessage).split('\n')[0]}`, {
    where: first,
    remedy: 'leave it out of git with --no-add, or publish in a clone',
  });
}
