import t from 'tap';
import { confirmationMarkdown } from '../../../harness/report/markdown/confirmation.js';
import { renderComparison } from '../../../harness/report/terminal/comparison.js';
import { renderConfirmation } from '../../../harness/report/terminal/confirmation.js';
import { confirmationOf, isRefuted } from '../../../harness/summary/compare/confirm.js';
import { planConfirmation } from '../../../harness/summary/compare/plan-confirmation.js';
import type { Comparison } from '../../../harness/summary/compare/types.js';
import { comparedCounts } from './compared-counts.js';

t.test('the cells that changed and are undecided are made anew, as often as decides them', async (t) => {
  const comparison = await comparedCounts({ open: [0, 1, 1], apart: [0, 5, 6], same: [0, 0, 6] });
  const plan = planConfirmation(comparison);
  t.match(plan, { cells: [{ id: 'open/pidns-exec' }], leftOut: [] });
  const [planned] = plan.cells;
  t.ok(planned !== undefined && planned.attempts > 20 && planned.attempts < 80, String(planned?.attempts));
  t.match(renderComparison(comparison, 200), `${planned?.attempts} each`);
  t.match(planConfirmation(comparison, 7).cells, [{ id: 'open/pidns-exec', attempts: 7 }]);
  t.same(planned?.changes, [
    { kind: 'outcome', name: 'oops' },
    { kind: 'signature', name: 'oops:one' },
  ]);
});

t.test('new attempts alone say whether a change is there', async (t) => {
  const before = await comparedCounts({ a: [0, 1, 1] });
  const plan = planConfirmation(before, 12);
  const verdicts = async (one: number, other: number) =>
    confirmationOf(plan, await comparedCounts({ a: [one, other, 12] }));
  const there = await verdicts(0, 9);
  t.equal(there.cells[0]?.verdict, 'apart');
  t.notOk(isRefuted(before, there));
  const gone = await verdicts(0, 0);
  t.equal(gone.cells[0]?.verdict, 'alike');
  t.ok(isRefuted(before, gone));
  const open = await verdicts(0, 3);
  t.equal(open.cells[0]?.verdict, 'undecided');
  t.notOk(isRefuted(before, open), 'what was shown stands until it is decided');
  t.equal(confirmationOf(plan, null).cells[0]?.verdict, 'undecided', 'and where nothing was made');
});

t.test('another signature at the same rate of failure is a change that is there', async (t) => {
  const before = await comparedCounts({ a: [1, 1, 1] }, 'oops:one', 'oops:other');
  const plan = planConfirmation(before, 12);
  const made = (other: string) => comparedCounts({ a: [12, 12, 12] }, 'oops:one', other);
  t.equal(confirmationOf(plan, await made('oops:other')).cells[0]?.verdict, 'apart');
  t.equal(confirmationOf(plan, await made('oops:one')).cells[0]?.verdict, 'alike');
});

t.test(
  'a signature that both new runs met is judged by its own rates, not by those of failure',
  async (t) => {
    const before = await comparedCounts({ a: [1, 1, 1] }, 'oops:one', 'oops:X');
    const plan = planConfirmation(before, 20);
    const made = (one: number, other: number) =>
      comparedCounts({ a: [20, 20, 20] }, mixed('oops:X', one), mixed('oops:X', other));
    const open = await made(2, 8);
    t.match(open.cells[0], { verdict: 'alike' }, 'all failed, in both');
    t.notMatch(open.cells[0]?.changes, [{ name: 'oops:X' }], 'and it is no change between them');
    const confirmation = confirmationOf(plan, open);
    t.match(confirmation.cells[0], {
      verdict: 'undecided',
      changes: [
        { name: 'oops:one', judged: { verdict: 'undecided' } },
        {
          name: 'oops:X',
          counts: [{ failing: 2, of: 20 }, { failing: 8 }],
          judged: { verdict: 'undecided' },
        },
      ],
    });
    t.notOk(isRefuted(before, confirmation));
    for (const text of [renderConfirmation(confirmation, 200), confirmationMarkdown(confirmation)])
      t.match(text, 'oops:X 2/20 and 8/20, undecided');
    t.equal(confirmationOf(plan, await made(2, 14)).cells[0]?.verdict, 'apart');
    const alike = confirmationOf(plan, await made(2, 2));
    t.equal(alike.cells[0]?.verdict, 'alike');
    t.ok(isRefuted(before, alike));
  },
);

/** The first so many failing attempts meet this one, the others oops:one. */
const mixed = (signature: string, times: number) => (index: number) =>
  index < times ? signature : 'oops:one';

t.test('what is apart in the two runs themselves isn’t refuted by attempts on other cells', async (t) => {
  const before = await comparedCounts({ a: [0, 1, 6], b: [0, 6, 6] });
  const plan = planConfirmation(before, 12);
  t.equal(plan.cells.length, 1);
  t.notOk(isRefuted(before, confirmationOf(plan, await comparedCounts({ a: [0, 0, 12] }))));
});

t.test('a confirmation says what it did, what it left out, and by which matrix', async (t) => {
  const before: Comparison = await comparedCounts({ a: [0, 1, 1] });
  const plan = planConfirmation(before, 12);
  const id = 'a/pidns-exec';
  const confirmation = confirmationOf({ ...plan, leftOut: ['b/pidns-exec'] }, before, [[], [id]]);
  for (const text of [renderConfirmation(confirmation, 100), confirmationMarkdown(confirmation)]) {
    const words = text.replace(/\s+/g, ' ');
    t.match(words, /Of 1 changed cell, judged by the new attempts alone, 0 apart, 0 alike, 1 undecided\./);
    t.match(words, /over 1000 attempts of each run.*b pidns-exec/);
    t.match(words, /matrix\.yml has changed since run B.*a pidns-exec/);
  }
  const lines = renderConfirmation(confirmation, 80).split('\n');
  t.same(
    lines.filter((line) => line.length > 80),
    [],
  );
  t.match(lines.at(-2), /undecided\.$/, 'the verdict stands where a terminal stops');
  t.match(renderConfirmation(confirmationOf({ cells: [], leftOut: [] }, null), 80), /Nothing to confirm/);
});

t.test('what is called stable in a confirmation is marked where little of the work was done', async (t) => {
  const plan = planConfirmation(await comparedCounts({ a: [0, 1, 1] }), 20);
  const anew = await comparedCounts({ a: [0, 0, 20] });
  const cells = anew.cells.map((cell) => {
    const [one, other] = cell.sides;
    const short = { ...one, work: { asked: 100, done: 41, censored: 12 }, mixed: true };
    return { ...cell, sides: [short, { ...other, work: null }] as const };
  });
  const confirmation = confirmationOf(plan, { ...anew, cells });
  for (const text of [renderConfirmation(confirmation, 300), confirmationMarkdown(confirmation)])
    t.match(text, /a pidns-exec[ |]+stable\? 0\/20 41 % done (?:~|&#126;)[ |]+stable 0\/20 +[^%?]*$/m);
});
