import { join } from 'node:path';
import process from 'node:process';
import { Argument, type Command } from 'commander';
import { UsageError } from '../errors.js';
import { projectRoot } from '../host/project.js';
import { suggestion } from '../matrix/glob.js';
import { renderPage } from '../report/markdown/page/render-page.js';
import { isCalled, isPaged, loadBugs, type PagedBug } from '../repro/bugs.js';
import { collect } from '../repro/evidence/collect.js';
import { pageWords } from '../repro/page-words.js';
import { runIds } from '../results/find-run.js';
import { bugsForHelp } from './bugs-for-help.js';

interface PageOptions {
  readonly runs: string;
}

/** @throws UsageError that says of which bugs there is a page */
function pagedBug(name: string): PagedBug {
  const all = loadBugs();
  const paged = all.filter(isPaged);
  const found = all.find((bug) => isCalled(bug, name));
  if (found !== undefined && isPaged(found)) return found;
  const ids = paged.map(({ id }) => id);
  throw new UsageError(`there is no page about '${name}'`, {
    remedy:
      found === undefined
        ? suggestion(name, ids)
        : `there is one about ${ids.join(', ')}; kmatrix repro ${found.id} reproduces this bug`,
  });
}

export function pageCommand(command: Command): Command {
  const ids = bugsForHelp().flatMap((bug) => (isPaged(bug) ? bug.id : []));
  return command
    .command('page')
    .summary('write a page about a bug, with figures from stored runs')
    .description(
      'Writes a Markdown page about a bug to stdout; each figure in it is counted from stored runs.',
    )
    .addArgument(new Argument('<bug>', ['which bug', ids.join(', ')].join(': ')))
    .option('--runs <folder>', 'where runs are kept', join(projectRoot, 'results'))
    .addHelpText('after', '\nExamples:\n  kmatrix page 407 > my-407.md')
    .action(async (name: string, { runs }: PageOptions) => {
      const bug = pagedBug(name);
      const folders = (await runIds(runs)).map((id) => join(runs, id));
      if (folders.length === 0) {
        throw new UsageError('there is no run to count from', {
          where: runs,
          remedy: 'name a folder of runs: --runs results',
        });
      }
      const words = await pageWords(bug);
      process.stdout.write(renderPage(await collect(bug, folders), { bug, words, runs: '../results' }));
    });
}
