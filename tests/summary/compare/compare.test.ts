import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { renderComparisonMarkdown } from '../../../harness/report/markdown/comparison.js';
import { renderComparison } from '../../../harness/report/terminal/comparison.js';
import { RunStore } from '../../../harness/results/run-store.js';
import { compareRuns } from '../../../harness/summary/compare/compare-runs.js';
import { agrees } from '../../../harness/summary/compare/differences.js';
import { aCell, aRun } from '../../results/made-up-run.js';
import { aNight, aRunWith, cell, control } from './compared-runs.js';

t.test('copies are called so', async (t) => {
  const comparison = await compareRuns(await aRunWith(20, 'template'), await aRunWith(20, 'fork'));
  t.match(renderComparisonMarkdown(comparison), /\| B \| copied \| 20\/20/);
});

t.test('two ways that give the same agree: rates, what decided, and how times spread', async (t) => {
  const comparison = await compareRuns(await aRunWith(19, 'cold'), await aRunWith(20, 'template'));
  t.ok(agrees(comparison));
  const [first, second] = comparison.cells;
  t.equal(first?.id, control.id, 'controls come first');
  t.match(second, {
    verdict: 'alike',
    changes: [],
    sides: [
      { starts: ['cold'], failing: 19, conclusive: 20, findings: { '#407': 19 } },
      { starts: ['template'], failing: 20, seconds: { n: 20, least: 1, most: 2.9, distinct: 20 } },
    ],
  });
  const page = renderComparisonMarkdown(comparison);
  t.match(page, /\| B \| restored \| 20\/20 \(83-100 %\) \| {2}\| {2}\| #407 × 20 \| 1\.0 \/ 1\./);
  t.match(renderComparison(comparison, 200), /are apart in 0, alike in 1,\s+undecided in 1\./);
});

t.test('how many machines shared the cores is told where it was recorded', async (t) => {
  const root = t.testdir();
  const run = await RunStore.create(root, { ...aRun([cell]), jobs: { usual: 2, most: 8 } });
  const fixed = await RunStore.create(root, { ...aRun([cell]), jobs: { usual: 2, most: 2 } });
  const old = await RunStore.create(root, aRun([cell]));
  for (const store of [run, fixed, old]) await store.close();
  const told = renderComparison(await compareRuns(run.folder, fixed.folder), 400);
  t.match(told, /tcg, 2 to 8 machines at a time\).*tcg, 2 machines at a time\)/);
  t.notMatch(renderComparison(await compareRuns(old.folder, old.folder), 400), 'machines at a time');
});

t.test(
  'rates of failure are told apart by the exact test, not by whether their intervals overlap',
  async (t) => {
    // Clopper-Pearson's intervals have values in common: 8.7 to 49.1 % and 45.7 to 88.1 %; p = 0.010
    const comparison = await compareRuns(await aRunWith(5, 'cold'), await aRunWith(14, 'template'));
    t.notOk(agrees(comparison));
    t.match(comparison.cells[1], { verdict: 'apart', changes: [] });
    const close = await compareRuns(await aRunWith(3, 'cold'), await aRunWith(4, 'template'));
    t.ok(agrees(close), 'nothing changed, nothing apart');
    t.match(close.cells[1], { verdict: 'undecided' }, 'which is not to say that they are alike');
  },
);

t.test('many cells are judged together, but only those that could be told apart count', async (t) => {
  const names = Array.from({ length: 30 }, (_, index) => `k${index}`);
  const night = (failing: number) =>
    aNight({ a: ['oops'], ...Object.fromEntries(names.map((name) => [name, ['stable']])) }, 6, failing);
  const quiet = await compareRuns(await night(0), await night(5));
  t.match(quiet.cells[0], { verdict: 'apart' }, 'thirty that never failed take nothing from it');
  t.match(quiet.method.cells, { compared: 31, counted: 1 });
  const mixed = (failing: number) =>
    aNight(Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, ['oops']])), 6, failing);
  const all = await compareRuns(await mixed(0), await mixed(5));
  t.match(
    all.cells.map(({ verdict, corrected }) => [verdict, Number(corrected?.toFixed(3))]),
    names.slice(0, 4).map(() => ['undecided', 0.061]),
    'four such cells: one of them in 66 comes by chance',
  );
});

t.test('every rendering names test, correction, margin and interval', async (t) => {
  const comparison = await compareRuns(await aRunWith(5, 'cold'), await aRunWith(14, 'template'));
  const rendered = [
    renderComparison(comparison, 80),
    renderComparisonMarkdown(comparison),
    JSON.stringify(comparison.method),
  ];
  for (const text of rendered.map((one) => one.replace(/\s+/g, ' ')))
    for (const words of ['Fisher’s exact test, two-sided', 'Holm', 'Tarone 1990', 'Miettinen-Nurminen'])
      t.match(text, words);
  for (const text of rendered.slice(0, 2).map((one) => one.replace(/\s+/g, ' '))) {
    t.match(text, /at 5 %/);
    t.match(text, /90 % interval/);
    t.match(text, /within 20 points either way/);
  }
  t.match(comparison.method, { level: 0.05, equivalence: { margin: 0.2, confidence: 0.9 } });
});

t.test('runs without a cell in common are refused', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'kmatrix-'));
  t.teardown(() => rm(root, { recursive: true }));
  const run = await RunStore.create(root, aRun([aCell('vanilla-3.8', 'lifecycle')]));
  await run.close();
  await t.rejects(compareRuns(await aRunWith(1, 'cold'), run.folder), { message: /no cell in common/ });
});

t.test('what is known of the sources is said of every kernel that both runs had', async (t) => {
  const root = t.testdir();
  const of = async (images: Readonly<Record<string, string | null>>): Promise<string> => {
    const run = await RunStore.create(root, aRun([cell]));
    const ready = {
      imageId: 'i',
      release: '3',
      provenance: 'a tree',
      seconds: 1,
      cached: true,
      config: null,
    };
    for (const [kernel, purity] of Object.entries(images))
      await run.recordImage({ kernel, status: 'ready', ...ready, purity });
    await run.recordImage({ kernel: 'rhel', status: 'unavailable', reason: 'no tree' });
    await run.close();
    return run.folder;
  };
  const one = await of({ 'debian-6.1': 'signed', 'vanilla-3.2': 'unchecked', 'vanilla-3.7': 'unchecked' });
  const other = await of({
    'debian-6.1': 'signed',
    'vanilla-3.2': 'differs in 3 files',
    'vanilla-3.7': null,
  });
  const comparison = await compareRuns(one, other);
  const told =
    'Sources: signed: debian-6.1; A unchecked, B differs in 3 files: vanilla-3.2; A unchecked, B unknown: vanilla-3.7.';
  t.match(renderComparison(comparison, 400), told);
  t.match(renderComparisonMarkdown(comparison), told);
  const none = await compareRuns(await of({}), other);
  t.same(none.sources, []);
  t.notMatch(renderComparison(none, 400), 'Sources');
});
