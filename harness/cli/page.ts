import { join } from 'node:path';
import process from 'node:process';
import { Argument, type Command } from 'commander';
import { UsageError } from '../errors.js';
import { projectRoot } from '../host/project.js';
import { renderPage } from '../report/page/render-page.js';
import { collect } from '../repro/evidence/collect.js';
import { runIds } from '../results/find-run.js';

interface PageOptions {
  readonly runs: string;
}

export function pageCommand(command: Command): Command {
  return command
    .command('page')
    .summary('tell a bug’s story with the figures of stored runs')
    .description(
      'Writes a Markdown page about a bug to stdout; each figure in it is counted from stored runs.',
    )
    .addArgument(new Argument('<bug>', 'which bug').choices(['407']))
    .option('--runs <folder>', 'where runs are kept', join(projectRoot, 'results'))
    .addHelpText('after', '\nExamples:\n  kmatrix page 407 > my-407.md')
    .action(async (_: string, { runs }: PageOptions) => {
      const folders = (await runIds(runs)).map((id) => join(runs, id));
      if (folders.length === 0) {
        throw new UsageError('there is no run to count from', {
          where: runs,
          remedy: 'name a folder of runs: --runs results',
        });
      }
      process.stdout.write(renderPage(await collect(folders), '../results'));
    });
}
