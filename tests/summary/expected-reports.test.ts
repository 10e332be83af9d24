import t from 'tap';
import { renderMarkdown } from '../../harness/report/markdown/run.js';
import { renderTerminal } from '../../harness/report/terminal/run.js';
import { RunStore } from '../../harness/results/run-store.js';
import { withExcerpts } from '../../harness/summary/excerpts.js';
import { summarise } from '../../harness/summary/summarise.js';
import { aCell, anAttempt, aReport, aRun, runsFolder } from '../results/stored-run.js';

const root = await runsFolder();
const kernels = ['vanilla-3.2', 'vanilla-3.3', 'vanilla-3.4', 'vanilla-3.5'];
const console = 'booted\nBUG: fault\nCall Trace:\nafter\n';
const oops = { reports: [aReport()], decisive: 0, secondsToReport: 1 };

/** The same oops on four kernels, which expect it but for those named. */
async function aRunThatSurprises(surprised: readonly string[]) {
  const cells = kernels.map((kernel) =>
    aCell(kernel, 'pidns-exec', {
      expectation: { outcomes: [surprised.includes(kernel) ? 'stable' : 'oops'] },
    }),
  );
  const run = await RunStore.create(root, aRun(cells));
  for (const { id } of cells) await run.append(anAttempt(id, 0, 'oops', oops), console);
  await run.close();
  return withExcerpts(run.folder, await summarise(run.folder));
}

const reportLines = (text: string): string[] => {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => line.startsWith('general protection'));
  return lines.slice(from, lines.indexOf('', from));
};

t.test('a report that was expected is named, without the words of its console', async (t) => {
  const summary = await aRunThatSurprises([]);
  t.same(reportLines(renderTerminal(summary, { color: false, folder: 'results/RUN', width: 200 })), [
    'general protection fault in d_hash_and_lookup [#407]',
    '  oops, 4 reports in 4 attempts, decided 4 of 4, as expected; on 4 kernels',
    '  results/RUN/consoles/vanilla-3.2__pidns-exec--0.log:2',
  ]);
  t.match(renderMarkdown(summary), /```text\nBUG: fault/, 'the page keeps them');
});

t.test('one that was not is whole, and is the first attempt that nobody expected', async (t) => {
  const summary = await aRunThatSurprises(['vanilla-3.4']);
  t.same(reportLines(renderTerminal(summary, { color: false, folder: 'results/RUN', width: 200 })), [
    'general protection fault in d_hash_and_lookup [#407]',
    `  oops, 4 reports in 4 attempts, decided 4 of 4, 1 not as expected; on ${kernels.join(', ')}`,
    '  │ BUG: fault',
    '  │ Call Trace:',
    '  results/RUN/consoles/vanilla-3.4__pidns-exec--0.log:2',
  ]);
});

t.test('unexpected reports come before expected ones that are more frequent', async (t) => {
  const expected = aCell('vanilla-3.2', 'pidns-exec', { attempts: 2, expectation: { outcomes: ['oops'] } });
  const surprised = aCell('vanilla-3.8', 'lifecycle');
  const run = await RunStore.create(root, aRun([expected, surprised]));
  for (const index of [0, 1]) await run.append(anAttempt(expected.id, index, 'oops', oops), console);
  const other = { ...oops, reports: [aReport({ signature: 'oops:other', title: 'other' })] };
  await run.append(anAttempt(surprised.id, 0, 'oops', other), console);
  await run.close();
  t.same(
    (await summarise(run.folder)).reports.map(({ title, unexpected }) => [title, unexpected]),
    [
      ['other', 1],
      ['general protection fault in d_hash_and_lookup', 0],
    ],
  );
});
