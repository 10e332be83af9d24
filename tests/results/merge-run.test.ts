import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { Cell } from '../../harness/matrix/types.js';
import { mergeRun } from '../../harness/results/merge-run.js';
import { packRun } from '../../harness/results/pack-run.js';
import { readConsole } from '../../harness/results/read-console.js';
import { readAttempts, readImages, readManifest } from '../../harness/results/read-run.js';
import { RunStore } from '../../harness/results/run-store.js';
import { readSeries } from '../../harness/results/series.js';
import { readSessions } from '../../harness/results/session.js';
import { kmatrix } from '../cli/kmatrix.js';
import { aCell, anAttempt, aRun, runsFolder } from './stored-run.js';

const root = await runsFolder();
const churn = aCell('vanilla-3.2', 'netns-churn', { attempts: 4 });
const life = aCell('vanilla-3.2', 'lifecycle', { attempts: 4 });
const samples = [{ name: 'namespaces', value: 3, uptime: 1.5 }];

interface Made {
  readonly cells?: readonly Cell[];
  readonly seed?: number;
  readonly imageId?: string;
  readonly qemu?: string;
  readonly accelerator?: 'kvm' | 'tcg';
}

/** A run in which these attempts (cell, index) were made, all with the same image. */
async function runOf(
  made: readonly (readonly [Cell, number])[],
  { cells = [churn, life], seed = 407, imageId = 'i', qemu = '7.2.22', accelerator = 'tcg' }: Made = {},
): Promise<string> {
  const run = {
    ...{ ...aRun(cells), seed, accelerator: { name: accelerator, reason: 'asked for' } },
    qemu: { binary: 'qemu-system-x86_64', version: qemu },
  };
  await using store = await RunStore.create(root, run);
  for (const [cell, index] of made) {
    const attempt = anAttempt(cell.id, index, 'oops', { imageId, samples });
    await store.append(attempt, `console of ${cell.id} ${index} under ${qemu}`);
  }
  return store.folder;
}

async function merge(into: string, from: string) {
  await using store = await RunStore.open(into);
  return await mergeRun(store, from, new AbortController().signal);
}

async function packed(folder: string): Promise<string> {
  await packRun(folder);
  return folder;
}

async function attemptsOf(folder: string) {
  const attempts = [];
  for await (const attempt of readAttempts(folder)) attempts.push(attempt);
  return attempts;
}

t.test(
  'attempts that a run lacks come in with console, samples and session; merging twice adds nothing',
  async (t) => {
    const here = await runOf([
      [churn, 0],
      [life, 1],
    ]);
    const there = await runOf(
      [
        [churn, 0],
        [churn, 1],
        [life, 2],
      ],
      { qemu: '9.2.0' },
    );
    t.same(await merge(here, there), { added: 2, known: 1 });
    const attempts = await attemptsOf(here);
    t.same(
      attempts.map(({ key, session }) => [key.cell, key.index, session]),
      [
        [churn.id, 0, '1'],
        [life.id, 1, '1'],
        [churn.id, 1, '2'],
        [life.id, 2, '2'],
      ],
    );
    const sessions = await readSessions(here, await readManifest(here));
    t.match(sessions, [{ qemu: { version: '7.2.22' } }, { qemu: { version: '9.2.0' }, endedAt: String }]);
    const last = attempts[3];
    if (!last) throw new Error('not merged');
    t.equal(`${await readConsole(here, last.console)}`, `console of ${life.id} 2 under 9.2.0`);
    t.same(await readSeries(here, last), samples);
    t.same(await merge(here, there), { added: 0, known: 3 });
    t.equal((await readSessions(here, await readManifest(here))).length, 2, 'nor a session');
  },
);

t.test('what a discarded session of the other ran stays out', async (t) => {
  const there = await runOf([[churn, 0]]);
  await using other = await RunStore.open(there);
  await other.beginSession(aRun([churn]));
  await other.discardSession('1', 'KVM ran no kernel');
  await other.append(anAttempt(churn.id, 1, 'stable'), '');
  await other.close();
  const here = await runOf([]);
  t.same(await merge(here, there), { added: 1, known: 0 });
  t.match(await attemptsOf(here), [{ key: { index: 1 }, session: '2' }]);
});

t.test('a kernel that only the other host had is on record', async (t) => {
  const [here, there] = [await runOf([]), await runOf([[life, 0]])];
  const ready = {
    ...{ kernel: 'vanilla-3.2', status: 'ready' as const, imageId: 'k', release: '3.2.71', provenance: 'p' },
    ...{ seconds: 1, cached: true, config: null, purity: null },
  };
  for (const [folder, image] of [
    [here, { kernel: 'vanilla-3.2', status: 'unavailable' as const, reason: 'not here' }],
    [there, ready],
  ] as const) {
    await using store = await RunStore.open(folder);
    await store.recordImage(image);
  }
  await merge(here, there);
  t.match(await readImages(here), [{ kernel: 'vanilla-3.2', status: 'ready', imageId: 'k' }]);
});

t.test('runs that can’t be one are refused before anything is written', async (t) => {
  const here = await runOf([[life, 0]]);
  const before = await readFile(join(here, 'attempts.jsonl'), 'utf8');
  const longer = { ...life, workload: { ...life.workload, iterations: 9 } };
  const cases: readonly (readonly [string, RegExp])[] = [
    [await runOf([[life, 1]], { seed: 1 }), /its seed is 1, not 407/],
    [
      await runOf([], { cells: [aCell('vanilla-3.4', 'lifecycle')] }),
      /only one of them has the cell vanilla-3\.4\/lifecycle/,
    ],
    [await runOf([], { cells: [longer] }), /lifecycle is defined differently there/],
    [await runOf([[life, 1]], { imageId: 'other' }), /lifecycle ran on another image there/],
    [await runOf([[life, 1]], { accelerator: 'kvm' }), /it ran under kvm, not tcg/],
    [await packed(await runOf([[life, 1]])), /packed for publication and lacks some consoles/],
  ];
  for (const [other, message] of cases) await t.rejects(merge(here, other), { message });
  t.equal(await readFile(join(here, 'attempts.jsonl'), 'utf8'), before);
  t.equal((await readSessions(here, await readManifest(here))).length, 1);
  t.same(await readImages(here), []);
});

t.test('kmatrix merge tells what came; a run that another process writes is left alone', async (t) => {
  const here = await runOf([[life, 0]]);
  const there = await runOf([[life, 1]]);
  const { exitCode, stdout } = await kmatrix(['merge', here, there, '--runs', root]);
  t.same([exitCode, stdout.trim()], [0, `${there}: 1 added, 0 already there`]);
  await using _writer = await RunStore.open(here);
  const refused = await kmatrix(['merge', here, there, '--runs', root]);
  t.equal(refused.exitCode, 2);
  t.match(refused.stderr, /another kmatrix is writing this run/);
});

t.test('what couldn’t be asked here, and was asked there, counts as it ended there', async (t) => {
  const here = await runOf([]);
  {
    await using store = await RunStore.open(here);
    await store.beginSession(aRun([life]));
    for (const index of [0, 1])
      await store.append(anAttempt(life.id, index, 'unavailable', { imageId: '' }), '');
  }
  const there = await runOf([[life, 0]]);
  t.same(await merge(here, there), { added: 1, known: 0 });
  const outcomes = (await attemptsOf(here)).map(({ key, outcome }) => [key.index, outcome]);
  t.same(outcomes, [
    [1, 'unavailable'],
    [0, 'oops'],
  ]);
  t.same(await merge(here, there), { added: 0, known: 1 });
});

t.test('a merge that was interrupted goes on, under the same session', async (t) => {
  const here = await runOf([]);
  const there = await runOf([
    [life, 0],
    [life, 1],
  ]);
  const stop = new AbortController();
  {
    await using store = await RunStore.open(here);
    const append = store.append.bind(store);
    store.append = async (...parts) => {
      await append(...parts);
      stop.abort(new Error('enough'));
    };
    await t.rejects(mergeRun(store, there, stop.signal), { message: 'enough' });
  }
  t.same(await merge(here, there), { added: 1, known: 1 });
  t.same(
    (await attemptsOf(here)).map(({ session }) => session),
    ['2', '2'],
  );
});

t.test('a packed run takes no attempts, by merging or by going on', async (t) => {
  const here = await packed(await runOf([[life, 0]]));
  await t.rejects(RunStore.open(here), { message: /packed for publication takes no more attempts/ });
});
