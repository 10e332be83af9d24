import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import t from 'tap';
import { renderMarkdown, summarise } from '../../harness/report/index.js';
import { RunStore } from '../../harness/results/index.js';
import { aCell, anAttempt, aReport, aRun, runsFolder } from '../results/stored-run.js';

t.setTimeout(180_000);
const root = await runsFolder();

t.test('a hundred thousand attempts are summed up in five seconds', async (t) => {
  const many = aCell('vanilla-3.2', 'lifecycle', { attempts: 100_000 });
  const run = await RunStore.create(root, aRun([many]));
  await run.close();
  const frames = Array.from({ length: 12 }, () => aReport().frames[0]).flatMap((frame) =>
    frame ? [frame] : [],
  );
  let lines = '';
  for (let index = 0; index < 100_000; index++) {
    const failing = index % 10 === 0;
    const over = failing ? { reports: [aReport({ frames })], decisive: 0, secondsToReport: 1 } : {};
    lines += `${JSON.stringify({ ...anAttempt(many.id, index, failing ? 'oops' : 'stable', over), console: '' })}\n`;
  }
  await appendFile(join(run.folder, 'attempts.jsonl'), lines);
  const started = process.cpuUsage();
  const summary = await summarise(run.folder);
  renderMarkdown(summary);
  // processor time: a busy host must not fail the test
  const { user, system } = process.cpuUsage(started);
  const seconds = (user + system) / 1e6;
  t.match(summary.cells[0], { failing: 10_000, conclusive: 100_000 });
  t.match(summary.reports[0], { reports: 10_000, attempts: 10_000 });
  t.comment(`${seconds.toFixed(2)} s`);
  t.ok(seconds < 5, `${seconds} s`);
});
