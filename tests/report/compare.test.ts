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
import type { Start } from '../../harness/schedule/boot/opened.js';
import type { AttemptResult } from '../../harness/schedule/types.js';
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

t.test('a rate that differs is seen, and so is another bug', async (t) => {
  const comparison = await compareRuns(await aRunWith(20, 'cold'), await aRunWith(3, 'template', null));
  t.notOk(agrees(comparison));
  t.match(comparison.cells[1], {
    verdict: 'apart',
    changes: [
      { kind: 'signature', name: '#407', onlyIn: 'A', judged: { verdict: 'apart' }, attempts: 0 },
      { name: 'oops:victim0', onlyIn: 'B', counts: [{ failing: 0 }, { failing: 2, of: 20 }] },
      { name: 'oops:victim1', onlyIn: 'B', counts: [{ failing: 0 }, { failing: 1, of: 20 }] },
    ],
  });
  t.match(renderComparison(comparison, 200), /are apart in 1, alike in 0,\s+undecided in 1\./);
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

t.test('a bug of no known name that only one run met is shown, and told apart', async (t) => {
  for (const [attempts, one, other] of [
    [6, 0, 5],
    [20, 0, 6],
  ] as const) {
    const night = (failing: number) => aNight({ a: ['oops', null] }, attempts, failing);
    const comparison = await compareRuns(await night(one), await night(other));
    t.notOk(agrees(comparison));
    t.match(comparison.cells[0], {
      verdict: 'apart',
      changes: [
        { kind: 'outcome', name: 'oops', onlyIn: 'B', attempts: 0 },
        { kind: 'signature', name: 'oops:d_hash_and_lookup', onlyIn: 'B', attempts: 0 },
      ],
    });
    t.match(
      renderComparison(comparison, 200),
      new RegExp(`stable 0/${attempts} .*oops ${other}/${attempts}, no known issue ! .*only in B .*apart`),
    );
  }
});

t.test(
  'a new signature is shown where rates say nothing, with the attempts that would decide it',
  async (t) => {
    const one = await aNight({ a: ['oops', null, 'x', 'oops:one'] }, 2);
    const comparison = await compareRuns(one, await aNight({ a: ['oops', null, 'x', 'oops:other'] }, 2));
    t.notOk(agrees(comparison));
    const [cell] = comparison.cells;
    t.same(
      cell?.changes.map(({ name, onlyIn }) => [name, onlyIn]),
      [
        ['oops:one', 'A'],
        ['oops:other', 'B'],
      ],
    );
    const [attempts] = cell?.changes.map((change) => change.attempts) ?? [];
    t.ok(typeof attempts === 'number' && attempts > 4 && attempts < 60, `${attempts}`);
    t.match(renderComparison(comparison, 200), `${attempts} each`);
    t.match(renderComparisonMarkdown(comparison), `${attempts} each`);
  },
);

t.test('a warning that only one run met is a new signature too, though no attempt failed', async (t) => {
  const comparison = await compareRuns(
    await aNight({ a: ['stable'] }, 12),
    await aNight({ a: ['stable', null, 'x', 'warning:new'] }, 12),
  );
  t.notOk(agrees(comparison));
  t.match(comparison.cells[0], {
    verdict: 'alike',
    changes: [{ kind: 'signature', name: 'warning:new', onlyIn: 'B', judged: { verdict: 'apart' } }],
  });
});

t.test('what comes after the report that decided is its wake, and no signature', async (t) => {
  const night = (wake: string) => {
    const reports = [
      aReport({ signature: 'oops:x', knownIssue: null }),
      aReport({ signature: wake, knownIssue: null }),
    ];
    return aNight({ a: ['oops'] }, 1, 1, { reports, decisive: 0 });
  };
  const comparison = await compareRuns(await night('lockup:a'), await night('lockup:b'));
  t.same(comparison.cells[0]?.changes, []);
});

t.test('another outcome of the same known issue is a change, though rates are alike', async (t) => {
  const reports = [aReport()];
  const night = (outcome: Outcome) => aNight({ a: [outcome] }, 20, 20, { reports, decisive: 0 });
  const comparison = await compareRuns(await night('oops'), await night('panic'));
  t.match(comparison.cells[0], {
    verdict: 'alike',
    changes: [{ kind: 'outcome', name: 'panic', onlyIn: 'B', judged: { verdict: 'apart' }, attempts: 0 }],
  });
  t.notOk(agrees(comparison));
});

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

/**
 * A run of these cells: what the first `failing` attempts of each end in (the rest are stable), the known issue of an oops, and
 * the signature of a report.
 */
async function aNight(
  ends: Readonly<Record<string, readonly [Outcome | 'pending', (string | null)?, string?, string?]>>,
  attempts = 1,
  failing = attempts,
  over: Partial<AttemptResult> = {},
) {
  const root = await mkdtemp(join(tmpdir(), 'kmatrix-'));
  t.teardown(() => rm(root, { recursive: true }));
  const cells = Object.keys(ends).map((kernel) => aCell(kernel, 'pidns-exec', { attempts }));
  const run = await RunStore.create(root, aRun(cells));
  for (const [
    kernel,
    [outcome, knownIssue = null, reason = `it was ${outcome}`, signature],
  ] of Object.entries(ends)) {
    if (outcome === 'pending') continue;
    const named = signature === undefined ? {} : { signature };
    const reports = outcome === 'oops' || signature ? [aReport({ knownIssue, ...named })] : [];
    for (let index = 0; index < attempts; index++) {
      const fails = index < failing;
      await run.append(
        anAttempt(
          `${kernel}/pidns-exec/plain/default`,
          index,
          fails ? outcome : 'stable',
          fails ? { reports, decisive: outcome === 'oops' ? 0 : null, reason, ...over } : {},
        ),
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
    comparison.cells.map(({ changes, verdict }) => [
      changes.map(({ kind, name, onlyIn }) => `${kind} ${name} ${onlyIn}`),
      verdict,
    ]),
    [
      [['outcome oops B', 'signature #407 B'], 'undecided'],
      [['signature #407 A', 'signature oops:d_hash_and_lookup B'], 'undecided'],
      [[], 'undecided'],
      [['outcome unsupported B'], 'undecided'],
      [[], 'undecided'],
    ],
  );
  t.match(comparison.cells[0]?.sides, [
    { outcome: 'stable', unexpected: 0, knownIssues: [], failing: 0 },
    { outcome: 'oops', unexpected: 1, knownIssues: ['#407'], failing: 1 },
  ]);
  const lines = renderComparison(comparison, 160).split('\n');
  t.equal(
    lines[1],
    '3 of 5 cells with attempts in both runs ended differently; no rates are apart, undecided in 5.',
  );
  t.same(lines.slice(3, 9), [
    'cell          A                 B                           changed                                           failure rates   to decide',
    '────────────  ────────────────  ──────────────────────────  ────────────────────────────────────────────────  ──────────────  ─────────',
    'a pidns-exec  stable 0/1        oops 1/1, #407 !            #407 only in B                                    undecided, p 1  54 each',
    'b pidns-exec  oops 1/1, #407 !  oops 1/1, no known issue !  #407 only in A, oops:d_hash_and_lookup only in B  undecided, p 1  54 each',
    'd pidns-exec  stable 0/1        unsupported !               unsupported only in B                             undecided       54 each',
    '! not as expected',
  ]);
  t.equal(lines.at(-2), lines[1], 'and said again where a terminal stops');
  t.match(
    renderComparisonMarkdown(comparison),
    /\| a pidns-exec \| stable 0\/1 \| oops 1\/1, #407 \*\*!\*\* \| #407 only in B \| undecided, p 1 \| 54 each \|/,
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
    "None of 1 cell with attempts in both runs ended differently; no rates are apart, undecided in 1; 5 cells can't be",
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
