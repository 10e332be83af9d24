import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Outcome } from '../../harness/matrix/types.js';
import {
  agrees,
  compareRuns,
  renderComparison,
  renderComparisonMarkdown,
} from '../../harness/report/compare/index.js';
import { RunStore } from '../../harness/results/index.js';
import { aCell, anAttempt, aReport, aRun } from '../results/made-up-run.js';

const cell = aCell('vanilla-3.2', 'pidns-exec', { attempts: 20 });
const control = aCell('debian-6.1', 'burn', { role: 'known-good' });

/** A run in which the first `failing` of 20 attempts of one cell oops, each a little later than the one before. */
async function aRunWith(failing: number, start: 'cold' | 'template', knownIssue: string | null = '#407') {
  const root = await mkdtemp(join(tmpdir(), 'kmatrix-'));
  t.teardown(() => rm(root, { recursive: true }));
  const run = await RunStore.create(root, aRun([cell, control]));
  for (let index = 0; index < 20; index++) {
    const fails = index < failing;
    const outcome: Outcome = fails ? 'oops' : 'stable';
    const reports = fails ? [aReport({ knownIssue, signature: `oops:victim${index % 2}` })] : [];
    await run.append(
      anAttempt(cell.id, index, outcome, {
        start,
        reports,
        decisive: fails ? 0 : null,
        secondsToReport: fails ? 1 + index / 10 : null,
        iterations: index,
      }),
      '',
    );
  }
  await run.append(anAttempt(control.id, 0, 'stable', { start }), '');
  await run.close();
  return run.folder;
}

t.test('two ways that give the same agree: rates, what decided, and how times spread', async (t) => {
  const comparison = await compareRuns(await aRunWith(19, 'cold'), await aRunWith(20, 'template'));
  t.ok(agrees(comparison));
  const [first, second] = comparison.cells;
  t.equal(first?.id, control.id, 'controls come first');
  t.match(second, {
    verdict: 'alike',
    findings: { both: ['#407'], only: [[], []] },
    sides: [
      { starts: ['cold'], failing: 19, conclusive: 20, findings: { '#407': 19 } },
      { starts: ['template'], failing: 20, seconds: { n: 20, least: 1, most: 2.9, distinct: 20 } },
    ],
  });
  const page = renderComparisonMarkdown(comparison);
  t.match(page, /\| B \| restored \| 20\/20 \(83-100 %\) \| {2}\| &#35;407 × 20 \| 1\.0 \/ 1\./);
  t.match(renderComparison(comparison, 200), /overlap in 1 and don't in 0; in 1\s+there are too few/);
});

t.test('a rate that differs is seen, and so is another bug', async (t) => {
  const comparison = await compareRuns(await aRunWith(20, 'cold'), await aRunWith(3, 'template', null));
  t.notOk(agrees(comparison));
  t.match(comparison.cells[1], {
    verdict: 'apart',
    findings: { both: [], only: [['#407'], ['oops:victim0', 'oops:victim1']] },
  });
  t.match(renderComparison(comparison, 200), /overlap in 0 and don't in 1; in 1\s+there are too few/);
});

t.test('intervals that miss each other narrowly do not overlap', async (t) => {
  // Clopper-Pearson: 5 of 20 is 8.7 to 49.1 %, 15 of 20 50.9 to 91.3 %; 14 of 20 begins at 45.7 %
  t.notOk(agrees(await compareRuns(await aRunWith(5, 'cold'), await aRunWith(15, 'template'))));
  t.ok(agrees(await compareRuns(await aRunWith(5, 'cold'), await aRunWith(14, 'template'))));
});

t.test('runs without a cell in common are refused', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'kmatrix-'));
  t.teardown(() => rm(root, { recursive: true }));
  const run = await RunStore.create(root, aRun([aCell('vanilla-3.8', 'lifecycle')]));
  await run.close();
  await t.rejects(compareRuns(await aRunWith(1, 'cold'), run.folder), { message: /no cell in common/ });
});
