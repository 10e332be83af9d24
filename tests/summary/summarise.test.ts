import t from 'tap';
import { renderMarkdown } from '../../harness/report/markdown/run.js';
import { renderTerminal } from '../../harness/report/terminal/run.js';
import { RunStore } from '../../harness/results/run-store.js';
import { withExcerpts } from '../../harness/summary/excerpts.js';
import { summarise } from '../../harness/summary/summarise.js';
import { bad, good } from '../report/sample-run.js';
import { aCell, anAttempt, aReport, aRun, runsFolder } from '../results/stored-run.js';

const root = await runsFolder();
const plain = { color: false, folder: 'results/RUN' };

t.test('an excerpt ends after 25 lines and says how much is left', async (t) => {
  const cell = aCell('vanilla-3.2', 'lifecycle');
  const run = await RunStore.create(root, aRun([cell]));
  const over = { reports: [aReport({ line: 1, endLine: 500 })], decisive: 0, secondsToReport: 1 };
  await run.append(anAttempt(cell.id, 0, 'oops', over), 'a line of a long report\n'.repeat(500));
  await run.close();
  const [group] = (await withExcerpts(run.folder, await summarise(run.folder))).reports;
  t.equal(group?.first.excerpt.length, 25);
  t.equal(group?.first.excerpt.at(-1), '… 476 more lines');
});

t.test('reports that decided an outcome come before more frequent ones that did not', async (t) => {
  const cell = aCell('vanilla-3.2', 'lifecycle', { attempts: 3 });
  const run = await RunStore.create(root, aRun([cell]));
  const oom = aReport({ kind: 'oom', signature: 'oom', knownIssue: null });
  await run.append(anAttempt(cell.id, 0, 'stable', { reports: [oom] }), '');
  await run.append(anAttempt(cell.id, 1, 'stable', { reports: [oom] }), '');
  await run.append(anAttempt(cell.id, 2, 'oops', { reports: [oom, aReport()], decisive: 1 }), '');
  await run.close();
  t.same(
    (await summarise(run.folder)).reports.map(({ kind, attempts, decided }) => [kind, attempts, decided]),
    [
      ['oops', 1, 1],
      ['oom', 3, 0],
    ],
  );
});

t.test('a control that was not caught, and one that never ran, hold no verdict', async (t) => {
  const run = await RunStore.create(root, aRun([bad, good]));
  await run.append(anAttempt(bad.id, 0, 'stable'), '');
  await run.close();
  const summary = await summarise(run.folder);
  const { controls } = summary;
  t.equal(controls.held, false);
  t.match(renderTerminal(summary, { ...plain, width: 100 }), /^no verdict: controls failed; 1 of 2 attempts/);
  t.match(renderMarkdown(summary).split('\n')[2], /^\*\*No verdict: controls failed;/);
  t.equal(
    controls.verdict,
    'controls failed: debian-6.1/control-panic ended in stable, not as expected: panic; ' +
      'debian-6.1/burn has not finished (0 of 1)',
  );
  const oneSided = await RunStore.create(root, aRun([bad]));
  await oneSided.close();
  t.match((await summarise(oneSided.folder)).controls.verdict, /no known-good cell was run/);
  const none = await RunStore.create(root, aRun([aCell('a', 'b')]));
  await none.close();
  t.match((await summarise(none.folder)).controls, { held: false, verdict: 'controls not run' });
});

t.test("our own failure is no failure of the kernel's, and unexpected", async (t) => {
  const run = await RunStore.create(root, aRun([aCell('a', 'b', { attempts: 2 })]));
  await run.append(anAttempt('a/b', 0, 'harness-error'), '');
  await run.append(anAttempt('a/b', 1, 'stable'), '');
  await run.close();
  const [cell] = (await summarise(run.folder)).cells;
  t.match(cell, { outcome: 'stable', failing: 0, conclusive: 1, harnessErrors: 1, unexpected: 1 });
});
