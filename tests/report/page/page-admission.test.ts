import t from 'tap';
import type { Outcome } from '../../../harness/matrix/types.js';
import { RunStore } from '../../../harness/results/run-store.js';
import { aCell, anAttempt, aRun } from '../../results/made-up-run.js';
import { aFolder, appendControls, controls } from './page-evidence.js';
import { collect, renderPage } from './page-of-407.js';

/** A run of cells that were named: outcomes by cell, each of as many attempts as planned. */
async function aComparison(
  profile: string,
  outcomes: Readonly<Record<string, readonly Outcome[]>>,
  planned = 3,
): Promise<string> {
  const root = await aFolder();
  const cells = Object.keys(outcomes).map((workload) =>
    aCell('vanilla-3.4', workload, { attempts: planned }),
  );
  const made = aRun(cells);
  const selection = { ...made.selection, profile, cells: cells.map(({ id }) => id) };
  const run = await RunStore.create(root, { ...made, selection });
  for (const { id, workload } of cells)
    for (const [index, outcome] of (outcomes[workload.id] ?? []).entries())
      await run.append(anAttempt(id, index, outcome), '');
  await run.close();
  return run.folder;
}

const calm = ['stable', 'stable', 'stable'] as const;

t.test('a whole comparison counts; one that was cut short does not, nor does a search', async (t) => {
  const arms = { 'pidns-exec': calm, 'pidns-exec-leader': calm };
  for (const [profile, planned, counted, why] of [
    ['compare-407', 3, 1, null],
    ['compare-407', 4, 0, /interrupted, 6 of 8 attempts/],
    ['search-407', 3, 0, /chosen by what was found/],
    ['confirm', 3, 0, /chosen by what was found/],
  ] as const) {
    const found = await collect([await aComparison(profile, arms, planned)]);
    t.equal(found.runs.length, counted, `${profile}, 3 of ${planned}`);
    if (why !== null) t.match(found.leftOut, [{ why }]);
    t.match(renderPage(found, 'results'), why ?? /No run of these workloads was left out/);
  }
});

t.test(
  'a comparison counts by its own control arm: one that failed, or none, leaves its arm out',
  async (t) => {
    const oops = ['oops', 'oops', 'oops'] as const;
    const held = await collect([
      await aComparison('compare-407', { 'pidns-exec': oops, 'pidns-exec-leader': calm }),
    ]);
    t.equal(held.kernels[0]?.trials[0]?.provoked.failing, 3);
    for (const [arms, why] of [
      [
        { 'pidns-exec': oops, 'pidns-exec-leader': ['stable', 'oops', 'stable'] },
        /control arm failed: vanilla-3\.4/,
      ],
      [{ 'pidns-exec': oops }, /no control arm was run: vanilla-3\.4/],
      [
        { 'pidns-exec': oops, 'pidns-exec-leader': ['harness-error', 'unsupported', 'unsupported'] },
        /no control arm/,
      ],
    ] as const) {
      const found = await collect([await aComparison('compare-407', arms)]);
      t.match(found, { runs: [], kernels: [], leftOut: [{ why }] });
    }
    const another = await aComparison('compare-407', {
      'pidns-reap': oops,
      'pidns-reap-default': calm,
      'pidns-exec': oops,
    });
    t.match(
      (await collect([another])).kernels[0]?.trials.map(({ experiment }) => experiment.workload),
      ['pidns-reap'],
      'the arms beside it count',
    );
  },
);

t.test('a matrix run counts where it is whole and its controls held', async (t) => {
  const cell = aCell('vanilla-3.4', 'pidns-exec', { attempts: 2 });
  const night = async (attempts: number, bad: Outcome | null): Promise<string> => {
    const root = await aFolder();
    const run = await RunStore.create(root, aRun(bad === null ? [cell] : [...controls, cell]));
    if (bad !== null) await appendControls(run, bad);
    for (let index = 0; index < attempts; index++) await run.append(anAttempt(cell.id, index, 'oops'), '');
    await run.close();
    return run.folder;
  };
  for (const [attempts, bad, why] of [
    [2, 'operation-failed', null],
    [1, 'operation-failed', /interrupted, 3 of 4 attempts/],
    [2, 'stable', /controls failed: .*control-lie.* ended in stable/],
    [2, null, /controls not run/],
  ] as const) {
    const found = await collect([await night(attempts, bad)]);
    t.equal(found.runs.length, why === null ? 1 : 0);
    t.equal(found.kernels.length, why === null ? 1 : 0);
    if (why !== null) t.match(found.leftOut, [{ why }]);
    t.match(renderPage(found, 'results'), why === null ? /No run .* left out/ : /was 1 run:/);
  }
});
