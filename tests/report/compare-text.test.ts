import t from 'tap';
import { renderComparisonMarkdown } from '../../harness/report/markdown/comparison.js';
import { renderComparison } from '../../harness/report/terminal/comparison.js';
import { compareRuns } from '../../harness/summary/compare/compare-runs.js';
import { agrees } from '../../harness/summary/compare/differences.js';
import { aReport } from '../results/made-up-run.js';
import { aNight, compared } from '../summary/compare/compared-runs.js';

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

t.test('what can’t be compared is one line per reason, and no difference', async (t) => {
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
  t.match(comparison, { onlyIn: [['own/pidns-exec'], ['new/pidns-exec']] });
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

t.test('every cell that can’t be compared is named, with what the harness failed by', async (t) => {
  const failed = (kernel: string): ['harness-error', null, string] => [
    'harness-error',
    null,
    `QEMU ended before ${kernel}/pidns-exec was ready; /tmp/x; try again`,
  ];
  const comparison = await compared(
    { a: ['stable'], b: ['stable'], c: ['stable'] },
    { a: failed('a'), b: failed('b'), c: ['stable'] },
  );
  const text = renderComparison(comparison, 200);
  t.match(text, "2 cells can't be compared");
  t.match(text, 'B harness errors alone: 2 cells of 2 kernels (a, b): QEMU ended before KERNEL was ready');
  t.match(renderComparisonMarkdown(comparison), 'B harness errors alone: 2 cells of 2 kernels');
  t.ok(agrees(comparison), 'which is no difference');
});

t.test('no new signature is cut away by those before it', async (t) => {
  const names = Array.from({ length: 12 }, (_, at) => `oops:a_function_of_some_length_${at}`);
  const reports = names.map((signature) => aReport({ knownIssue: null, signature }));
  const night = await aNight({ a: ['oops'] }, 1, 1, { reports, decisive: reports.length - 1 });
  const comparison = await compareRuns(await aNight({ a: ['stable'] }), night);
  for (const text of [renderComparison(comparison, 80), renderComparisonMarkdown(comparison)])
    for (const name of names) t.match(text.replace(/\s+/g, ' '), `${name} only in B`);
  const long = await aNight({ a: ['oops', null, 'x', `oops:${'y'.repeat(5000)}`] });
  const bounded = await compareRuns(await aNight({ a: ['stable'] }), long);
  t.ok(renderComparisonMarkdown(bounded).length < 4000, 'and none is without end');
});

t.test('what both kernels lack is not undecided', async (t) => {
  const comparison = await compared(
    { a: ['unsupported'], b: ['stable'], c: ['stable'] },
    { a: ['unsupported'], b: ['stable'], c: ['unsupported'] },
  );
  const text = renderComparison(comparison, 400);
  t.match(text, 'no rates are apart, undecided in 2; 1 without a rate, as both kernels lack what they need.');
  t.match(text, 'undecided in 2, and 1 without a rate');
});
