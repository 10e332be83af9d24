import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { projectRoot } from '../../../harness/host/project.js';
import { runIds } from '../../../harness/results/find-run.js';
import { collect, renderPage } from './page-of-407.js';

/** Runs that are published with the project; in a copy without its history, all that are there. */
async function publishedRuns(): Promise<string[]> {
  const results = join(projectRoot, 'results');
  const ids = await runIds(results);
  const { stdout = '', failed } = await execa('git', ['ls-files', '--', '*/run.json'], {
    cwd: results,
    reject: false,
  });
  const tracked = new Set(stdout.split('\n').map((path) => path.split('/')[0]));
  return ids.filter((id) => failed || tracked.has(id)).map((id) => join(results, id));
}

t.test('docs/407.md is what all published runs say', async (t) => {
  const folders = await publishedRuns();
  t.not(folders.length, 0, 'there are some');
  const page = await readFile(join(projectRoot, 'docs/407.md'), 'utf8');
  t.equal(renderPage(await collect(folders), '../results'), page);
});
