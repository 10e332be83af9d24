import t from 'tap';
import type { AttemptResult } from '../../harness/attempt/types.js';
import { renderMarkdown } from '../../harness/report/markdown/run.js';
import { renderComparison } from '../../harness/report/terminal/comparison.js';
import { renderTerminal } from '../../harness/report/terminal/run.js';
import { tallyOf } from '../../harness/repro/arm-tally.js';
import { RunStore } from '../../harness/results/run-store.js';
import { compareRuns } from '../../harness/summary/compare/compare-runs.js';
import { summarise } from '../../harness/summary/summarise.js';
import { outcomeWord, workDone, workText } from '../../harness/summary/work-done.js';
import { aCell, anAttempt, aReport, aRun, runsFolder } from '../results/stored-run.js';

const root = await runsFolder();
const cells = [
  aCell('vanilla-3.2', 'lifecycle', { attempts: 5 }),
  aCell('vanilla-3.2', 'burn', { attempts: 5 }),
];
const [lifecycle = '', burn = ''] = cells.map(({ id }) => id);

const cut = (iterations: number): Partial<AttemptResult> => ({
  iterations,
  iterationsAsked: 100,
  censored: true,
  stopped: true,
});
const whole = { iterations: 100, iterationsAsked: 100 };

/** Five attempts of a cell, `done` of 100 iterations each, beside one that did all. */
async function run(done: number): Promise<string> {
  const store = await RunStore.create(root, aRun(cells));
  for (let index = 0; index < 5; index++) {
    await store.append(anAttempt(lifecycle, index, 'stable', cut(done)), '');
    await store.append(anAttempt(burn, index, 'stable', whole), '');
  }
  await store.close();
  return store.folder;
}

const options = { width: 160, color: false, folder: '' };

t.test('one of a hundred iterations doesn’t weigh as much as a hundred', async (t) => {
  const summary = await summarise(await run(1));
  const [short, full] = ['lifecycle', 'burn'].map((workload) =>
    summary.cells.find(({ column }) => column.startsWith(workload)),
  );
  t.match(short, { outcome: 'stable', work: { asked: 500, done: 5, censored: 5 } });
  t.match(full, { outcome: 'stable', work: { asked: 500, done: 500, censored: 0 } });
  for (const text of [renderTerminal(summary, options), renderMarkdown(summary)]) {
    t.match(text, /stable\? 0\/5 .*1 % done/);
    t.match(text, /stable\?: less\s+than\s+80 % was done/);
    t.match(text, /stable 0\/5/, 'control: what was all done has no mark');
  }
  t.match(
    renderTerminal(summary, { ...options, width: 30 }),
    /stable\?/,
    'the mark is what stays where there is no room',
  );
});

t.test('the mark begins below 80 %, the figure below all', async (t) => {
  for (const [done, marked] of [
    [79, true],
    [80, false],
  ] as const) {
    const text = renderTerminal(await summarise(await run(done)), options);
    t.equal(/stable\?/.test(text), marked, `${done} %`);
    t.match(text, `${done} % done`);
  }
  t.notMatch(renderTerminal(await summarise(await run(100)), options), /% done|stable\?/);
});

t.test('compare marks both sides', async (t) => {
  const [short, full] = [await run(40), await run(100)];
  const comparison = await compareRuns(short, full);
  t.match(
    comparison.cells.find(({ id }) => id === lifecycle)?.sides.map(({ work }) => work?.done),
    [200, 500],
  );
  const store = await RunStore.create(root, aRun(cells));
  for (let index = 0; index < 5; index++)
    await store.append(anAttempt(lifecycle, index, 'oops', { reports: [aReport()], decisive: 0 }), '');
  await store.close();
  t.match(renderComparison(await compareRuns(short, store.folder), 200), /stable\? 0\/5 40 % done/);
});

t.test(
  'an attempt that failed has shown what it was to show; what couldn’t run counts for nothing',
  async (t) => {
    const early = { outcome: 'oops', iterations: 1, iterationsAsked: 100, censored: false } as const;
    const full = { outcome: 'stable', iterations: 101, iterationsAsked: 100, censored: false } as const;
    t.same(workDone([early, full]), { asked: 100, done: 100, censored: 0 });
    t.equal(workDone([early, { ...full, outcome: 'unavailable' }]), null);
    t.equal(workDone([{ ...full, iterationsAsked: null }]), null, 'unknown is not all');
    const half = workDone([full, { ...full, iterations: 0, censored: true }]);
    t.same(half, { asked: 200, done: 100, censored: 1 });
    t.equal(workText(half), '50 % done');
    t.equal(outcomeWord('oops', half), 'oops', 'only stable is a claim that too little work could carry');
    t.equal(workText(workDone([{ ...full, iterations: 0, censored: true }])), '0 % done');
    t.equal(workText({ asked: 1000, done: 1, censored: 1 }), '<1 % done');
    t.equal(workText({ asked: 1000, done: 999, censored: 1 }), '99 % done', 'never rounded up to all');
  },
);

t.test('a median takes an attempt without a report as cut off where its workload ended', async (t) => {
  const failed = (seconds: number) =>
    anAttempt(lifecycle, 0, 'oops', { reports: [aReport()], decisive: 0, secondsToReport: seconds });
  const stopped = anAttempt(lifecycle, 1, 'stable', {
    ...cut(40),
    workSeconds: 4,
    seconds: 60,
    readySeconds: 1,
  });
  // one left the trial before the report that comes at 5: of two that were left, half
  t.same(tallyOf('lifecycle', [stopped, failed(5), failed(9)], null).seconds, { median: 5 });
  t.same(
    tallyOf('lifecycle', [stopped, stopped, failed(3)], null).seconds,
    { beyond: 4 },
    'not 59: the machine’s power-off is no work',
  );
  const before = { ...stopped, workSeconds: null };
  t.same(
    tallyOf('lifecycle', [before, before, failed(3)], null).seconds,
    { beyond: 59 },
    'all that older runs know',
  );
  t.match(tallyOf('lifecycle', [stopped, failed(3)], null).work, { asked: 100, done: 40, censored: 1 });
});

t.test('frames that were lost mark their cell, and what isn’t known doesn’t', async (t) => {
  const store = await RunStore.create(root, aRun(cells));
  await store.append(anAttempt(lifecycle, 0, 'stable', { missingFrames: 3, overflow: 2 }), '');
  await store.append(anAttempt(burn, 0, 'stable', { missingFrames: null, overflow: null }), '');
  await store.close();
  const summary = await summarise(store.folder);
  t.match(
    summary.cells.map(({ missingFrames, overflow }) => [missingFrames, overflow]),
    [
      [3, 2],
      [null, null],
    ],
  );
  for (const text of [renderTerminal(summary, options), renderMarkdown(summary)]) {
    t.match(text, /stable 0\/1 of 5 † /);
    t.match(text, /† some\s+of\s+what\s+guests\s+sent\s+was\s+lost/);
  }
});

t.test('a control that stayed silent after little of its work is marked in the verdict too', async (t) => {
  const control = aCell('debian-6.1', 'control-lie', {
    role: 'known-bad',
    expectation: { outcomes: ['operation-failed'] },
  });
  for (const [done, word] of [
    [41, 'stable?'],
    [90, 'stable'],
  ] as const) {
    const store = await RunStore.create(root, aRun([control]));
    await store.append(anAttempt(control.id, 0, 'stable', cut(done)), '');
    await store.close();
    t.match((await summarise(store.folder)).controls.verdict, `ended in ${word}, not as expected`);
  }
});
