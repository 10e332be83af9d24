import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Outcome } from '../../harness/matrix/types.js';
import {
  agrees,
  attemptsToTell,
  compareRuns,
  renderComparison,
  renderComparisonMarkdown,
} from '../../harness/report/compare/index.js';
import { RunStore } from '../../harness/results/index.js';
import type { Start } from '../../harness/schedule/boot/opened.js';
import { aCell, anAttempt, aReport, aRun } from '../results/made-up-run.js';

const cell = aCell('vanilla-3.2', 'pidns-exec', { attempts: 20 });
const control = aCell('debian-6.1', 'burn', { role: 'known-good' });

/** A run in which the first `failing` of 20 attempts of one cell oops, each a little later than the one before. */
async function aRunWith(failing: number, start: Start, knownIssue: string | null = '#407') {
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

/** A run of one attempt of each of these cells: its outcome, and the known issue of its oops. */
async function aNight(
  ends: Readonly<Record<string, readonly [Outcome | 'pending', (string | null)?, string?]>>,
  attempts = 1,
) {
  const root = await mkdtemp(join(tmpdir(), 'kmatrix-'));
  t.teardown(() => rm(root, { recursive: true }));
  const cells = Object.keys(ends).map((kernel) => aCell(kernel, 'pidns-exec', { attempts }));
  const run = await RunStore.create(root, aRun(cells));
  for (const [kernel, [outcome, knownIssue = null, reason = `it was ${outcome}`]] of Object.entries(ends)) {
    if (outcome === 'pending') continue;
    const reports = outcome === 'oops' ? [aReport({ knownIssue })] : [];
    for (let index = 0; index < attempts; index++) {
      await run.append(
        anAttempt(`${kernel}/pidns-exec/plain/default`, index, outcome, {
          reports,
          decisive: reports.length > 0 ? 0 : null,
          reason,
        }),
        '',
      );
    }
  }
  await run.close();
  return run.folder;
}

const compared = async (...[one, other]: Parameters<typeof aNight>[0][]) =>
  compareRuns(await aNight(one ?? {}), await aNight(other ?? {}));

t.test('a cell that ended differently is listed first, though one attempt tells no rates', async (t) => {
  const comparison = await compared(
    { a: ['stable'], b: ['oops', '#407'], c: ['oops', '#407'], d: ['stable'], e: ['stable'] },
    { a: ['oops', '#407'], b: ['oops'], c: ['oops', '#407'], d: ['unsupported'], e: ['stable'] },
  );
  t.notOk(agrees(comparison), 'and it is a difference');
  t.same(
    comparison.cells.map(({ change, verdict }) => [change, verdict]),
    [
      ['outcome', 'too few'],
      ['known issue', 'too few'],
      [null, 'too few'],
      ['outcome', 'too few'],
      [null, 'too few'],
    ],
  );
  t.match(comparison.cells[0]?.sides, [
    { outcome: 'stable', unexpected: 0, knownIssues: [], failing: 0 },
    { outcome: 'oops', unexpected: 1, knownIssues: ['#407'], failing: 1 },
  ]);
  const lines = renderComparison(comparison, 120).split('\n');
  t.equal(lines[1], '3 of 5 cells with attempts in both runs ended differently; no rates are apart.');
  t.same(lines.slice(3, 9), [
    'cell          A                 B                           rates',
    '────────────  ────────────────  ──────────────────────────  ────────────────────────',
    'a pidns-exec  stable 0/1        oops 1/1, #407 !            too few attempts to tell',
    'b pidns-exec  oops 1/1, #407 !  oops 1/1, no known issue !  too few attempts to tell',
    'd pidns-exec  stable 0/1        unsupported !               too few attempts to tell',
    '! not as expected',
  ]);
  t.equal(lines.at(-2), lines[1], 'and said again where a terminal stops');
  t.match(
    renderComparisonMarkdown(comparison),
    /\| a pidns-exec \| stable 0\/1 \| oops 1\/1, &#35;407 \*\*!\*\* \| too few attempts to tell \|/,
  );
});

t.test('what can’t be compared is a line a reason, and no difference', async (t) => {
  const gone = (kernel: string): ['unavailable', null, string] => [
    'unavailable',
    null,
    `linux-${kernel}.tar.xz can't be downloaded: no way to the server; at https://a.example/linux-${kernel}.tar.xz; check the network`,
  ];
  const comparison = await compared(
    { '3.1': ['stable'], '3.2': ['oops'], '3.3': ['stable'], rhel: ['stable'], own: ['stable'] },
    { '3.1': gone('3.1'), '3.2': gone('3.2'), '3.3': ['stable'], rhel: ['pending'], new: ['stable'] },
  );
  t.ok(agrees(comparison));
  t.match(comparison, { onlyIn: [['own/pidns-exec/plain/default'], ['new/pidns-exec/plain/default']] });
  const text = renderComparison(comparison, 200);
  t.match(
    text,
    "None of 1 cell with attempts in both runs ended differently; no rates are apart; 5 cells can't be",
  );
  t.same(
    text.split('\n').filter((line) => /^[AB] /.test(line)),
    [
      'A not run: 1 cell of 1 kernel (new): no cells of this run',
      "B unavailable: 2 cells of 2 kernels (3.1, 3.2): linux-*.tar.xz can't be downloaded: no way to the server",
      'B not run: 1 cell of 1 kernel (rhel): the run ended before them',
      'B not run: 1 cell of 1 kernel (own): no cells of this run',
    ],
  );
  t.notMatch(text, /0\/0/, 'no rate of nothing');
});

t.test('runs without attempts in common agree in nothing', async (t) => {
  const comparison = await compared({ a: ['stable'] }, { a: ['pending'] });
  t.notOk(agrees(comparison));
  t.match(
    renderComparison(comparison, 200),
    /^No cell has attempts in both runs; 1 cell can't be compared\.$/m,
  );
});

t.test('cells that passed their few attempts in both runs have no lines among the rates', async (t) => {
  const text = renderComparison(await compared({ a: ['stable'] }, { a: ['stable'] }), 200);
  t.notMatch(text, 'failing ');
  t.match(text, '1 cell without a failure in either run and with too few attempts');
});

t.test('none of n is told from n of n from as many attempts on as the help says', async (t) => {
  const n = attemptsToTell();
  for (const [attempts, verdict] of [
    [n - 1, 'too few'],
    [n, 'apart'],
  ] as const) {
    const [one, other] = [await aNight({ a: ['stable'] }, attempts), await aNight({ a: ['oops'] }, attempts)];
    t.equal((await compareRuns(one, other)).cells[0]?.verdict, verdict);
  }
});

t.test('no line of a comparison is wider than the terminal', async (t) => {
  const long = 'vanilla-2.6.38-aufs-and-more';
  const comparison = await compared(
    { [long]: ['stable'], b: ['oops', 'LP#720095'] },
    { [long]: ['oops'], b: ['oops', '#407'] },
  );
  for (const width of [80, 100, 140]) {
    const lines = renderComparison(comparison, width).split('\n');
    t.same(
      lines.filter((line) => line.length > width),
      [],
    );
    t.match(lines.join('\n'), /stable 0\/1[\s\S]*oops 1\/1, no known issue/);
  }
});
