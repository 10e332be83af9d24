import { join } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { UsageError } from '../errors.js';
import { projectRoot } from '../host/project.js';
import { canonicalCellId } from '../matrix/cell-id.js';
import { suggestion } from '../matrix/glob.js';
import { attemptId } from '../results/attempt-id.js';
import type { StoredAttempt } from '../results/attempt-schema.js';
import { distinctAttempts } from '../results/distinct-attempts.js';
import { findRun } from '../results/find-run.js';
import { readConsole } from '../results/read-console.js';
import { consoleText } from './boot-lines.js';

interface ConsoleOptions {
  readonly runs: string;
}

export function consoleCommand(command: Command): Command {
  return command
    .command('console')
    .summary('print the console of a stored attempt')
    .description(
      'Prints the kernel console of one attempt of a stored run, even if kmatrix publish has packed it. On a ' +
        'terminal, anything that isn’t text is escaped; elsewhere the bytes are unchanged.',
    )
    .argument('<run>', 'id, folder, or latest')
    .argument('<attempt>', 'cell, or cell#index; the first attempt where no index is given')
    .option('--runs <folder>', 'where runs are kept', join(projectRoot, 'results'))
    .addHelpText(
      'after',
      '\nExamples:\n  kmatrix console latest vanilla-3.7/pidns-exec\n' +
        '  kmatrix console RUN vanilla-3.7/pidns-exec#2 | kmatrix classify',
    )
    .action(printConsole);
}

async function printConsole(run: string, name: string, { runs }: ConsoleOptions): Promise<void> {
  const folder = await findRun(runs, run);
  const attempt = await attemptOf(folder, name);
  if (attempt.console === '') {
    throw new UsageError(`${attemptId(attempt.key)} has no console`, {
      where: folder,
      remedy:
        'its machine printed nothing, or nothing went wrong and the console was left out when the run was published',
    });
  }
  const bytes = await readConsole(folder, attempt.console);
  process.stdout.write(process.stdout.isTTY ? consoleText(bytes.toString()) : bytes);
}

async function attemptOf(folder: string, name: string): Promise<StoredAttempt> {
  const [, cell = name, index = '0'] = /^(.*)#(\d+)$/.exec(name) ?? [];
  const wanted = `${canonicalCellId(cell)}#${index}`;
  const ids: string[] = [];
  for await (const attempt of distinctAttempts(folder)) {
    const id = attemptId(attempt.key);
    if (id === wanted) return attempt;
    ids.push(id);
  }
  throw new UsageError(`the run has no attempt '${wanted}'`, {
    where: folder,
    remedy: suggestion(wanted, ids),
  });
}
