import t from 'tap';
import { renderMarkdown } from '../../harness/report/markdown/run.js';
import { summarise } from '../../harness/summary/summarise.js';
import { runsFolder } from '../results/stored-run.js';
import { largeRun } from './large-run.js';

// how long it takes is the bench's business (bench/report.ts); a loaded host must not fail the test
t.setTimeout(600_000);
const root = await runsFolder();

t.test('a hundred thousand attempts are counted one by one', async (t) => {
  const summary = await summarise(await largeRun(root, 100_000));
  t.match(summary.attempts, { planned: 100_000, finished: 100_000, damaged: 0 });
  t.match(summary.cells[0], { failing: 10_000, conclusive: 100_000, secondsToFirstReport: 1 });
  t.match(summary.reports, [{ reports: 10_000, attempts: 10_000, decided: 10_000 }]);
  t.match(renderMarkdown(summary), '| vanilla-3.2 | oops 10000/100000 1.0 s **!** |');
});
