import t from 'tap';
import { expectedOutcome } from '../../harness/diagnosis/expectation.js';
import type { Report } from '../../harness/diagnosis/types.js';
import type { CellRole, Expectation, Outcome } from '../../harness/matrix/types.js';
import { aReport } from '../results/made-up-run.js';

const report = (over: Partial<Report>): Report => aReport({ knownIssue: null, frames: [], ...over });

const judge = (
  role: CellRole,
  expectation: Expectation,
  outcome: Outcome,
  reports: readonly Report[] = [],
): boolean =>
  expectedOutcome({ role, expectation }, { outcome, reports, decisive: reports.length > 0 ? 0 : null });

t.test('an outcome of the list is expected, another is not', async (t) => {
  t.equal(judge('matrix', { outcomes: ['stable'] }, 'stable'), true);
  t.equal(judge('matrix', { outcomes: ['stable'] }, 'oops'), false);
});

t.test('a kernel that cannot be had fails nothing, but a control that never ran failed', async (t) => {
  t.equal(judge('matrix', { outcomes: ['stable'] }, 'unavailable'), true);
  t.equal(judge('known-good', { outcomes: ['stable'] }, 'unavailable'), false);
  t.equal(judge('known-bad', { outcomes: ['oops'] }, 'unavailable'), false);
});

t.test('our own failure is never expected, even where a row lists it', async (t) => {
  t.equal(judge('matrix', { outcomes: ['harness-error'] }, 'harness-error'), false);
});

t.test(
  'a control needs its function in the report, and an unreliable or corrupted frame proves nothing',
  async (t) => {
    const wanted: Expectation = { outcomes: ['oops'], frame: 'd_hash_and_lookup' };
    const frame = { function: 'd_hash_and_lookup', offset: '', module: '', reliable: true };
    t.equal(judge('known-bad', wanted, 'oops', [report({})]), true);
    t.equal(judge('known-bad', wanted, 'oops', [report({ function: '', frames: [frame] })]), true);
    t.equal(judge('known-bad', wanted, 'oops', [report({ function: 'dput' })]), false);
    t.equal(judge('known-bad', wanted, 'oops', []), false);
    t.equal(
      judge('known-bad', wanted, 'oops', [report({ function: '', frames: [{ ...frame, reliable: false }] })]),
      false,
    );
    t.equal(
      judge('known-bad', wanted, 'oops', [report({ function: '', frames: [frame], corrupted: true })]),
      false,
    );
  },
);

t.test('a known issue must, or must not, be attributed', async (t) => {
  const known = [report({ knownIssue: '#407' })];
  t.equal(judge('known-bad', { outcomes: ['oops'], knownIssue: '#407' }, 'oops', known), true);
  t.equal(judge('known-bad', { outcomes: ['oops'], knownIssue: '#407' }, 'oops', [report({})]), false);
  t.equal(judge('known-bad', { outcomes: ['oops'], knownIssue: 'none' }, 'oops', known), false);
  t.equal(judge('known-bad', { outcomes: ['oops'], knownIssue: 'none' }, 'oops', [report({})]), true);
});
