import { join } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { projectRoot } from '../host/project.js';
import { findRun } from '../results/find-run.js';
import { mergeRun } from '../results/merge-run.js';
import { RunStore } from '../results/run-store.js';

interface MergeOptions {
  readonly runs: string;
}

export function mergeCommand(command: Command, signal: AbortSignal): Command {
  return command
    .command('merge')
    .summary('merge the attempts of other runs into one run')
    .description(
      'Adds to a run the attempts that it lacks and that other runs with the same seed and cells have. Each keeps its ' +
        'console and the record of its own host, so several hosts can share a run. The other runs are not changed. Merge ' +
        'before you publish: a published run lacks some consoles.',
    )
    .argument('<run>', 'id, folder, or latest: the run to add them to')
    .argument('<others...>', 'ids or folders of the others')
    .option('--runs <folder>', 'where runs are kept', join(projectRoot, 'results'))
    .addHelpText('after', '\nExamples:\n  kmatrix merge latest ../other-host/results/RUN')
    .action(async (run: string, others: readonly string[], { runs }: MergeOptions) => {
      const folders = await Promise.all(others.map((other) => findRun(runs, other)));
      await using store = await RunStore.open(await findRun(runs, run));
      for (const [at, folder] of folders.entries()) {
        const { added, known } = await mergeRun(store, folder, signal);
        process.stdout.write(`${others[at]}: ${added} added, ${known} already there\n`);
      }
    });
}
