import { readdir } from 'node:fs/promises';
import t from 'tap';
import { RunStore } from '../../harness/results/run-store.js';
import { aCell, anAttempt, aRun, runsFolder } from '../results/stored-run.js';
import { kmatrix } from './kmatrix.js';

const root = await runsFolder();
const cell = aCell('vanilla-3.8', 'pidns-exec');

async function aNight(outcome: 'stable' | 'oops' | 'unavailable'): Promise<string> {
  const run = await RunStore.create(root, aRun([cell, aCell('vanilla-3.9', 'pidns-exec')]));
  await run.append(anAttempt(cell.id, 0, outcome), '');
  await run.append(anAttempt('vanilla-3.9/pidns-exec', 0, 'stable'), '');
  await run.close();
  return run.folder;
}

t.test('compare exits 1 where a cell ended differently, 0 where one run only lacks it', async (t) => {
  const stable = await aNight('stable');
  const changed = await kmatrix(['compare', stable, await aNight('oops')], { env: { COLUMNS: '80' } });
  t.match(changed, { exitCode: 1, stdout: /1 of 2 cells with attempts in both runs ended differently/ });
  t.ok(changed.stdout.split('\n').every((line) => line.length <= 80));
  t.match(await kmatrix(['compare', stable, await aNight('unavailable')]), {
    exitCode: 0,
    stdout: /B unavailable: 1 cell of 1 kernel \(vanilla-3\.8\)/,
  });
  t.match(await kmatrix(['compare', stable, stable]), { exitCode: 0 });
});

t.test('its help names test, correction, interval and margin, and says what the codes mean', async (t) => {
  const { stdout } = await kmatrix(['compare', '--help']);
  for (const words of ['Fisher', 'two-sided', 'Holm', 'Miettinen-Nurminen', '90 %', '20 points', 'undecided'])
    t.match(stdout, words);
  t.match(stdout, /1 a cell ended in another outcome or signature/);
});

t.test('what only a confirmation needs is refused without one', async (t) => {
  const stable = await aNight('stable');
  t.match(await kmatrix(['compare', stable, stable, '--attempts', '5']), {
    exitCode: 2,
    stderr: /add --confirm/,
  });
});

t.test('a confirmation of runs whose image isn’t in the cache runs nothing, and says so', async (t) => {
  const [one, other] = [await aNight('stable'), await aNight('oops')];
  const before = await readdir(root);
  const { exitCode, stderr, stdout } = await kmatrix(['compare', one, other, '--confirm']);
  t.equal(exitCode, 3, stderr);
  t.match(stderr, /doesn't say which image vanilla-3\.8\/pidns-exec ran on/);
  t.equal(stdout, '');
  t.same(await readdir(root), before);
});

t.test('where nothing is open there is nothing to confirm', async (t) => {
  const stable = await aNight('stable');
  t.match(await kmatrix(['compare', stable, stable, '--confirm']), {
    exitCode: 0,
    stdout: /Nothing to confirm/,
  });
});
