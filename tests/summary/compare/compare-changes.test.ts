import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Outcome } from '../../../harness/matrix/types.js';
import { renderComparisonMarkdown } from '../../../harness/report/markdown/comparison.js';
import { renderComparison } from '../../../harness/report/terminal/comparison.js';
import { RunStore } from '../../../harness/results/run-store.js';
import { compareRuns } from '../../../harness/summary/compare/compare-runs.js';
import { agrees } from '../../../harness/summary/compare/differences.js';
import { anAttempt, aReport, aRun } from '../../results/made-up-run.js';
import { aNight, aRunWith, cell } from './compared-runs.js';

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
    changes: [
      { kind: 'outcome', name: 'panic', onlyIn: 'B', judged: { verdict: 'apart' }, attempts: 0 },
      { kind: 'outcome', name: 'oops', onlyIn: 'A', judged: { verdict: 'apart' }, attempts: 0 },
    ],
  });
  t.notOk(agrees(comparison));
});

t.test('an outcome that only one run met is shown though a worse one is in both', async (t) => {
  const mixed = (outcomes: readonly Outcome[]) => aMixedRun(outcomes, 'oops:P');
  const [one, other] = [await mixed(['panic']), await mixed(['panic', 'oops'])];
  const comparison = await compareRuns(one, other);
  t.match(
    comparison.cells[0]?.changes.map(({ kind, name, onlyIn, counts }) => [kind, name, onlyIn, counts[1]]),
    [['outcome', 'oops', 'B', { failing: 1, of: 20 }]],
  );
  t.notOk(agrees(comparison));
  t.match(renderComparison(comparison, 200), /oops only in B/);
  t.same((await compareRuns(other, other)).cells[0]?.changes, [], 'and of equal runs none is');
});

t.test('a changed outcome stays in its column beside a signature that is not all of it', async (t) => {
  const one = await aMixedRun([], 'oops:P', ['oops:P']);
  const other = await aMixedRun(['panic', 'panic'], 'oops:P', ['oops:Q']);
  const text = renderComparison(await compareRuns(one, other), 300);
  t.match(text, / {2}panic only in B, oops:Q only in B {2}/);
  const quiet = await aMixedRun([], 'oops:P');
  const alone = renderComparison(await compareRuns(quiet, await aMixedRun(['panic'], 'oops:P')), 300);
  t.match(alone, / {2}oops:P only in B {2}/, 'one that is all of it stands for both');
});

/** Twenty attempts of one cell: the first end in these, each with this signature; the next meet these on their way, and hold. */
async function aMixedRun(outcomes: readonly Outcome[], signature: string, met: readonly string[] = []) {
  const root = await mkdtemp(join(tmpdir(), 'kmatrix-'));
  t.teardown(() => rm(root, { recursive: true }));
  const run = await RunStore.create(root, aRun([cell]));
  for (let index = 0; index < 20; index++) {
    const outcome = outcomes[index];
    const named = outcome === undefined ? met[index - outcomes.length] : signature;
    const reports = named === undefined ? [] : [aReport({ knownIssue: null, signature: named })];
    const decisive = outcome === undefined ? null : 0;
    await run.append(anAttempt(cell.id, index, outcome ?? 'stable', { reports, decisive }), '');
  }
  await run.close();
  return run.folder;
}
