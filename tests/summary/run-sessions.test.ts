import t from 'tap';
import { renderJson } from '../../harness/report/json/render.js';
import { renderComparisonMarkdown } from '../../harness/report/markdown/comparison.js';
import { renderMarkdown } from '../../harness/report/markdown/run.js';
import { renderComparison } from '../../harness/report/terminal/comparison.js';
import { renderTerminal } from '../../harness/report/terminal/run.js';
import { RunStore } from '../../harness/results/run-store.js';
import type { SessionFacts } from '../../harness/results/session.js';
import { compareRuns } from '../../harness/summary/compare/compare-runs.js';
import { type SessionSummary, sessionSentences } from '../../harness/summary/run-sessions.js';
import { summarise } from '../../harness/summary/summarise.js';
import { aCell, anAttempt, aRun, runsFolder } from '../results/stored-run.js';

const root = await runsFolder();
const cells = [
  aCell('vanilla-3.2', 'lifecycle', { attempts: 2 }),
  aCell('vanilla-3.2', 'burn', { attempts: 2 }),
];
const [lifecycle = '', burn = ''] = cells.map(({ id }) => id);
const made = aRun(cells);
const options = { width: 200, color: false, folder: '' };

/** A run of which one cell is of its first session, and the other of both. */
async function resumed(facts: SessionFacts): Promise<string> {
  const store = await RunStore.create(root, made);
  await store.append(anAttempt(burn, 0, 'stable'), '');
  await store.append(anAttempt(burn, 1, 'stable'), '');
  await store.append(anAttempt(lifecycle, 0, 'stable'), '');
  await store.close();
  const again = await RunStore.open(store.folder);
  await again.beginSession(facts);
  await again.append(anAttempt(lifecycle, 1, 'stable'), '');
  await again.close();
  return store.folder;
}

t.test('what a resumed run ran on besides is said in every report, and its cells are marked', async (t) => {
  const folder = await resumed({
    ...made,
    qemu: { binary: 'q', version: '9.1.0' },
    jobs: { usual: 1, most: 4 },
  });
  const summary = await summarise(folder);
  t.match(summary.sessions, [{ attempts: 3 }, { attempts: 1 }]);
  t.match(summary.sessionDifferences, [
    {
      what: 'QEMU',
      values: [
        { value: '7.2.22', sessions: ['1'] },
        { value: '9.1.0', sessions: ['2'] },
      ],
    },
    { what: 'machines at a time', values: [{ value: 'unknown' }, { value: '1 to 4' }] },
  ]);
  for (const text of [renderTerminal(summary, options), renderMarkdown(summary)]) {
    t.match(
      text,
      /Made in 2 sessions that differ(?::|&#58;) QEMU 7\.2\.22 in session 1, 9\.1\.0 in session 2; machines at a time/,
    );
    t.match(text, /stable 0\/2 .*~/);
    t.match(text, /attempts of sessions that differ/);
  }
  t.match(
    summary.cells.map(({ column, mixed }) => [column.split('/')[0], mixed]),
    [
      ['lifecycle', true],
      ['burn', false],
    ],
  );
  const json = JSON.parse(renderJson(summary));
  t.match(json.sessionDifferences, [{ what: 'QEMU' }, { what: 'machines at a time' }]);
  const comparison = await compareRuns(folder, folder);
  t.match(comparison.runs[0].sessionDifferences, [{ what: 'QEMU' }, {}]);
  t.match(renderComparison(comparison, 200), /made in sessions that differ in QEMU, machines at a time/);
  t.match(renderComparisonMarkdown(comparison), /made in sessions that differ in QEMU, machines at a time/);
});

t.test(
  'a run that was resumed with everything as before has no mark, nor one that was made in one go',
  async (t) => {
    const same = await summarise(await resumed(made));
    t.same(same.sessionDifferences, []);
    t.match(renderTerminal(same, options), /Made in 2 sessions that differ in nothing recorded/);
    t.notMatch(renderTerminal(same, options), /~/);
    const store = await RunStore.create(root, made);
    await store.append(anAttempt(burn, 0, 'stable'), '');
    await store.close();
    const once = renderTerminal(await summarise(store.folder), options);
    t.notMatch(once, /sessions?\b/);
  },
);

t.test('sessions are listed as people list things', async (t) => {
  const session = (id: string, version: string): SessionSummary => ({
    ...made,
    ...{ id, startedAt: '', endedAt: null, discarded: null, attempts: 1 },
    host: { cpus: 2, cpuModel: 'x', memoryMiB: 1, kernel: '6.1', node: '20' },
    qemu: { binary: 'q', version },
  });
  const sentences = sessionSentences([
    ...['1', '2', '4'].map((id) => session(id, '7.2')),
    session('3', '9.1'),
  ]);
  t.match(sentences, [/QEMU 7\.2 in sessions 1, 2 and 4, 9\.1 in session 3/]);
});

t.test('a session that ended before its first attempt is not what the run is said to run on', async (t) => {
  const kvm = { name: 'kvm', reason: 'it ran' } as const;
  const jobs = { usual: 2, most: 2 };
  const store = await RunStore.create(root, { ...made, accelerator: kvm, jobs, start: 'fork' });
  await store.beginSession({ ...made, qemu: { binary: 'q', version: '9.1.0' } });
  await store.append(anAttempt(burn, 0, 'stable'), '');
  await store.close();
  const summary = await summarise(store.folder);
  t.match(summary.run, { accelerator: { name: 'tcg' }, qemu: { version: '9.1.0' } });
  t.notOk('jobs' in summary.run || 'start' in summary.run, 'nor what it knew and the other doesn’t');
  for (const text of [renderTerminal(summary, options), renderMarkdown(summary)]) {
    t.match(text, /QEMU 9\.1\.0,? tcg/);
    t.notMatch(text, /it ran|sessions that differ/);
  }
  t.match((await compareRuns(store.folder, store.folder)).runs, [
    { accelerator: 'tcg' },
    { jobs: undefined },
  ]);
  const idle = await RunStore.create(root, { ...made, accelerator: kvm });
  await idle.close();
  t.match((await summarise(idle.folder)).run.accelerator, kvm, 'where none has attempts, the first');
});

t.test('a discarded session is named, and what the run is said to run on is not its', async (t) => {
  const store = await RunStore.create(root, { ...made, accelerator: { name: 'kvm', reason: 'it ran' } });
  await store.append(anAttempt(burn, 0, 'freeze'), '');
  await store.discardSession(store.session.id, 'KVM never got the control ready');
  await store.beginSession(made);
  await store.append(anAttempt(burn, 0, 'stable'), '');
  await store.close();
  const summary = await summarise(store.folder);
  t.match(summary.run.accelerator, { name: 'tcg' });
  t.match(summary.attempts, { finished: 1, unexpected: 0, damaged: 0 });
  for (const text of [renderTerminal(summary, options), renderMarkdown(summary)]) {
    t.match(
      text,
      /Session 1 \(kvm\) was discarded, and its attempts \(1\) count nowhere(?::|&#58;) KVM never got the control ready/,
    );
    t.notMatch(text, /freeze/);
    t.match(text, /tcg/);
  }
  t.match((await compareRuns(store.folder, store.folder)).runs, [
    { accelerator: 'tcg' },
    { accelerator: 'tcg' },
  ]);
});
