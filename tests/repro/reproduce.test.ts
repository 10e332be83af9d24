import t from 'tap';
import { renderSeries } from '../../harness/report/terminal/series.js';
import { findBug, loadBugs } from '../../harness/repro/bugs.js';
import { findingToBundle } from '../../harness/repro/bundle-reproduction.js';
import { seriesExitCode, seriesRow } from '../../harness/repro/measure-series.js';
import { type KernelReproduction, type Reproduction, reproExitCode } from '../../harness/repro/reproduce.js';
import type { StoredAttempt } from '../../harness/results/attempt-schema.js';
import { aFinding, aReproduction, aTally, onKernel } from './sample-reproduction.js';

const of = (kernels: readonly KernelReproduction[], parts: Partial<Reproduction> = {}): number =>
  reproExitCode({ ...aReproduction(kernels), ...parts });

const bug = findBug(loadBugs(), 'lp720095');
if (bug.kind !== 'series') throw new Error('bugs.yml');
const { figures } = bug;
const rowOf = (
  kernel: string,
  rate: string,
  workload: Parameters<typeof seriesRow>[1]['workload'],
  stored: StoredAttempt,
  purity: string | null = null,
) => seriesRow(bug, { kernel, rate, workload, attempt: stored, purity });

const arm = { failing: 1, of: 1 };
const framed = onKernel('a', { attribution: { how: 'by frames', arm, control: null } });
const compared = onKernel('b', {
  attribution: { how: 'by comparison', arm, control: { failing: 0, of: 5 }, probability: 0.01 },
});
const open = onKernel('c', { attribution: { how: 'not attributed', arm, control: null, why: 'few' } });
const calm = onKernel('d', { attribution: { how: 'no report', arm: { failing: 0, of: 5 }, control: null } });
const absent = onKernel('e', { unavailable: 'no such file', arm: aTally({ of: 0 }) });
const neverRan = onKernel('f', { arm: aTally({ of: 0 }) });

t.test('one kernel: 0 only where what came is known to be the bug', async (t) => {
  t.equal(of([framed]), 0);
  t.equal(of([compared]), 0);
  t.equal(of([open]), 1);
  t.equal(of([calm]), 1);
  t.equal(of([neverRan]), 1);
});

t.test('several kernels: 0 where each has an answer, whatever it is', async (t) => {
  t.equal(of([framed, calm]), 0);
  t.equal(of([calm, absent]), 0, 'one that could not be had is told, and fails nothing');
  t.equal(of([framed, neverRan]), 1);
});

t.test('no kernel at all is 3, an interruption 130 whatever was found', async (t) => {
  t.equal(of([absent]), 3);
  t.equal(of([absent, absent]), 3);
  t.equal(of([framed], { interrupted: true }), 130);
});

const attempt = (parts: Partial<StoredAttempt>): StoredAttempt => ({
  key: { cell: 'vanilla-2.6.32/netns-churn', index: 0, seed: 1 },
  session: '1',
  series: '',
  outcome: 'stable',
  reason: '',
  decisive: null,
  reports: [],
  release: '2.6.32.69',
  imageId: '',
  startedAt: '',
  seconds: 10,
  start: 'template',
  bootSeconds: 1,
  readySeconds: 0.1,
  secondsToReport: null,
  iterations: 40,
  iterationsAsked: 40,
  workSeconds: 8,
  censored: false,
  stopped: false,
  slowness: 1,
  longestGapSeconds: 1,
  facts: [],
  samples: [],
  evidence: '',
  garbledFrames: 0,
  missingFrames: 0,
  overflow: 0,
  console: '',
  ...parts,
});
const sample = (name: string, value: number, uptime: number) => ({ name, value, uptime });

t.test('samples of churn add up to a row, and a wait that hit its limit is no time at all', async (t) => {
  const workload = { arguments: { drain_seconds: 60 } };
  const samples = [
    sample('netns-backlog', 0, 5),
    sample('slab-kib', 1000, 5),
    sample('mem-free-kib', 9000, 5),
    sample('netns-backlog', 12, 6.5),
    sample('slab-kib', 3000, 6.5),
    sample('mem-free-kib', 4000, 6.5),
    sample('netns-backlog-at-end', 17, 7),
  ];
  const drained = rowOf(
    'k',
    'gentle',
    workload,
    attempt({ samples: [...samples, sample('netns-drain-seconds', 2.5, 9)] }),
  );
  t.match(drained, {
    figures: {
      made: { value: 40, isBound: false },
      backlogPeak: { value: 17 },
      backlogAtEnd: { value: 17 },
      slabGrowthKiB: { value: 2000 },
      memoryFreeMinKiB: { value: 4000 },
      drainSeconds: { value: 2.5, isBound: false },
    },
    measured: true,
    outOfMemory: false,
  });
  t.same(drained.series['netns-backlog'], [
    [0, 0],
    [1.5, 12],
  ]);
  const stuck = rowOf(
    'k',
    'gentle',
    workload,
    attempt({ samples: [sample('netns-drain-seconds', 60.1, 70)] }),
  );
  t.match(stuck, {
    figures: {
      drainSeconds: { value: 60.1, isBound: true },
      backlogPeak: { value: null, isBound: false },
      slabGrowthKiB: { value: null },
    },
    measured: false,
  });
  const hostile = rowOf('k', 'gentle', workload, attempt({ samples: [sample('__proto__', 1, 1)] }));
  t.same(Object.keys(hostile.series), ['__proto__'], 'a name that a guest made up is only a name');
});

t.test('without drain_seconds the wait is the workload’s own, two minutes', async (t) => {
  const waited = (seconds: number) =>
    rowOf('k', 'g', { arguments: {} }, attempt({ samples: [sample('netns-drain-seconds', seconds, 1)] }));
  t.equal(waited(119).figures.drainSeconds?.isBound, false);
  t.equal(waited(120.2).figures.drainSeconds?.isBound, true);
});

t.test('the bundle is of a kernel that reproduced it, before one that only failed', async (t) => {
  const finding = (cell: string) => aFinding({ cell });
  const failed = { ...open, finding: finding('open') };
  t.equal(findingToBundle([calm, failed, { ...framed, finding: finding('framed') }])?.cell, 'framed');
  t.equal(findingToBundle([calm, failed])?.cell, 'open');
  t.equal(findingToBundle([calm]), null);
});

t.test(
  'churn: 0 where each kernel was measured, 1 where one told nothing, 3 where none could be had',
  async (t) => {
    const row = (parts: Partial<StoredAttempt>) => rowOf('k', 'gentle', undefined, attempt(parts));
    const codeOf = (planned: number, ...rows: ReturnType<typeof row>[]): number =>
      seriesExitCode({
        planned,
        version: 1,
        bug: 'x',
        title: 'LP#1: x',
        figures,
        run: 'r',
        folder: '/',
        seed: 1,
        outOfTime: false,
        interrupted: false,
        rows,
      });
    const measured = row({ samples: [sample('netns-backlog', 3, 1)] });
    const code = (...rows: ReturnType<typeof row>[]): number => codeOf(rows.length, ...rows);
    t.equal(code(measured, row({ outcome: 'unavailable' })), 0);
    t.equal(code(measured, row({ outcome: 'operation-failed' })), 1);
    t.equal(code(row({ outcome: 'unavailable' })), 3);
    t.equal(codeOf(2), 1, 'the time limit came before anything');
    t.equal(codeOf(2, measured), 1, 'the time limit came before the second');
  },
);

t.test('churn says how much was done, and what is known of the sources', async (t) => {
  const row = (iterations: number) =>
    rowOf(
      'vanilla-3.2',
      'gentle',
      undefined,
      attempt({ iterations, iterationsAsked: 40, censored: true }),
      'unchecked',
    );
  const churn = {
    version: 1,
    bug: 'x',
    title: 'LP#1: x',
    figures,
    run: 'r',
    folder: '/',
    seed: 1,
    outOfTime: false,
    interrupted: false,
    planned: 1,
  } as const;
  const pipe = { width: 160, colour: false, folder: '' };
  const text = renderSeries({ ...churn, rows: [row(10)] }, pipe);
  t.match(text, /^LP#1: x$/m);
  t.match(text, /stable\? 25 % done/);
  t.match(text, 'Sources: vanilla-3.2 unchecked.');
  const whole = renderSeries({ ...churn, rows: [row(40)] }, pipe);
  t.match(whole, /stable$/m);
  t.notMatch(whole, '% done');
});
