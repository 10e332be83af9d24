import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { readAttempts } from '../../harness/results/read-run.js';
import { RunStore } from '../../harness/results/run-store.js';
import { readSeries } from '../../harness/results/series.js';
import { aCell, anAttempt, aReport, aRun, runsFolder } from './stored-run.js';

const root = await runsFolder();
const cells = [aCell('vanilla-3.2', 'lifecycle')];
const cell = cells[0]?.id ?? '';

t.test('samples stand in a file of their own, and come back', async (t) => {
  const samples = Array.from({ length: 1000 }, (_, n) => ({
    name: 'netns-backlog',
    value: n,
    uptime: n / 10,
  }));
  const store = await RunStore.create(root, aRun(cells));
  await store.append(anAttempt(cell, 0, 'stable', { samples }), '');
  await store.append(anAttempt(cell, 1, 'stable'), '');
  await store.close();
  t.ok((await stat(join(store.folder, 'attempts.jsonl'))).size < 2048, 'the attempts’ lines are short');
  const read = [];
  for await (const attempt of readAttempts(store.folder))
    read.push([attempt.series, await readSeries(store.folder, attempt)]);
  t.same(read, [
    ['series/vanilla-3.2__lifecycle--0.jsonl', samples],
    ['', []],
  ]);
  t.same(
    await readSeries(store.folder, { samples, series: '' }),
    samples,
    'runs from before have them inline',
  );
});

t.test(
  'whatever a console and a guest hold, the attempt can be read again and isn’t run again',
  async (t) => {
    const frames = Array.from({ length: 60 }, (_, n) => ({
      function: `f${n}${'x'.repeat(100)}`,
      offset: '+0x0',
      module: '',
      reliable: true,
    }));
    // 100 MB as JSON: readLines takes a line of more than 64 MiB for damage
    const reports = Array.from({ length: 10_000 }, (_, n) => aReport({ line: n, frames }));
    const store = await RunStore.create(root, aRun(cells));
    const decisive = 9_999;
    await store.append(
      anAttempt(cell, 0, 'oops', { reports, decisive, evidence: 'e'.repeat(80 * 2 ** 20) }),
      '',
    );
    t.equal((await store.finished()).size, 1);
    await store.close();
    let damaged = 0;
    for await (const attempt of readAttempts(store.folder, () => damaged++)) {
      t.ok(attempt.reports.length > 100 && attempt.reports.length < 10_000);
      t.equal(attempt.reports[attempt.decisive ?? -1]?.line, decisive, 'the one that decided is among them');
      t.equal(attempt.overflow, reports.length - attempt.reports.length);
    }
    t.equal(damaged, 0);
  },
);
