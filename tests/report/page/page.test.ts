import t from 'tap';
import type { Outcome } from '../../../harness/matrix/types.js';
import { hasBug } from '../../../harness/repro/evidence/collect.js';
import { RunStore } from '../../../harness/results/run-store.js';
import { anAxisRow, usualRows } from '../../matrix/axis-row.js';
import { aCell, anAttempt, aRun } from '../../results/made-up-run.js';
import { aFolder, appendControls, controls, evidence, only } from './page-evidence.js';
import { collect, renderPage } from './page-of-407.js';

t.test('a report whose frames name the path belongs to the bug, whatever its control did', async (t) => {
  const { arm, kernel } = await only(evidence(3, 1, 3, '#407'));
  t.equal(arm.attribution.how, 'by frames');
  t.equal(hasBug(kernel, 'exec'), 'seen');
});

t.test('without such frames it belongs to the bug where the control arm differs beyond chance', async (t) => {
  const { arm } = await only(evidence(6, 6, 0));
  t.equal(arm.attribution.how, 'by comparison');
  t.match(arm.provoked, { failing: 6, of: 6, seconds: { median: 4 }, iterations: { median: 20 } });
});

t.test(
  'two of two against none of two is no proof, and a control that fails too is none either',
  async (t) => {
    t.equal((await only(evidence(2, 2, 0))).arm.attribution.how, 'not attributed');
    const { arm, kernel } = await only(evidence(20, 20, 20));
    t.equal(arm.attribution.how, 'not attributed');
    t.equal(hasBug(kernel, 'exec'), 'unclear');
    t.equal(hasBug(kernel, 'reap'), null, 'an arm that was not run says nothing');
  },
);

t.test('an arm without a failure is silent', async (t) => {
  const { arm, kernel } = await only(evidence(20, 0, 0));
  t.equal(hasBug(kernel, 'exec'), 'silent');
  t.equal(arm.attribution.how, 'no report');
});

t.test('other workloads of the run are no evidence', async (t) => {
  const { kernels } = await evidence(6, 6, 0);
  t.same(
    kernels[0]?.trials.map(({ experiment, rows }) => [experiment.workload, rows]),
    [['pidns-exec', {}]],
  );
});

t.test('storage drivers stand apart, each beside its own control', async (t) => {
  const root = await aFolder();
  const onAufs = (workload: string) => ({
    ...aCell('vanilla-3.4', workload, { axes: { ...usualRows, storage: anAxisRow('aufs') } }),
    id: `vanilla-3.4/${workload}/storage=aufs`,
  });
  const plain = aCell('vanilla-3.4', 'docker-2013');
  const cells = [plain, onAufs('docker-2013'), onAufs('docker-2013-leader')];
  const run = await RunStore.create(root, aRun([...controls, ...cells]));
  await appendControls(run);
  for (const { id } of cells) await run.append(anAttempt(id, 0, id === plain.id ? 'panic' : 'stable'), '');
  await run.close();
  const found = await collect([run.folder]);
  t.same(
    found.kernels[0]?.trials.map(({ rows, provoked, control }) => [
      rows,
      provoked.failing,
      control?.of ?? null,
    ]),
    [
      [{}, 1, null],
      [{ storage: 'aufs' }, 0, 1],
    ],
  );
  t.match(renderPage(found, 'results'), /\| docker-2013 \| stock, aufs \| a \| 0\/1/);
});

t.test('the silence of mended lines is a bound on the rate', async (t) => {
  const run = async (kernel: string, line: string, failing: number): Promise<string> => {
    const root = await aFolder();
    const made = aCell(kernel, 'pidns-exec', { attempts: 300 });
    const cell = { ...made, kernel: { ...made.kernel, line } };
    const store = await RunStore.create(root, aRun([...controls, cell]));
    await appendControls(store);
    for (let index = 0; index < 300; index++)
      await store.append(anAttempt(cell.id, index, index < failing ? 'oops' : 'stable'), '');
    await store.close();
    return renderPage(await collect([store.folder]), 'results');
  };
  const silent = await run('vanilla-3.10', '3.10', 0);
  t.match(silent, /failed in 0 of 300 attempts/);
  // 1 - 0.05^(1/300) is 0.9936 %, and a bound is rounded up
  t.match(silent, /at most 1\.00 %/);
  t.match(await run('vanilla-3.10', '3.10', 3), /failed in 3 of 300 attempts/);
  t.notMatch(await run('vanilla-3.7', '3.7', 0), /one-sided Clopper/);
});

t.test('where no attempt told anything, nothing was provoked and nothing is silent', async (t) => {
  const pageOf = async (outcomes: readonly Outcome[]) => {
    const root = await aFolder();
    const cell = aCell('vanilla-3.4', 'pidns-exec', { attempts: outcomes.length });
    const run = await RunStore.create(root, aRun([...controls, cell]));
    await appendControls(run);
    for (const [index, outcome] of outcomes.entries())
      await run.append(anAttempt(cell.id, index, outcome), '');
    await run.close();
    const found = await collect([run.folder]);
    const [kernel] = found.kernels;
    return { page: renderPage(found, 'results'), has: kernel && hasBug(kernel, 'exec') };
  };
  const nothing = await pageOf(['harness-error', 'unsupported']);
  t.equal(nothing.has, null);
  t.notMatch(nothing.page, /provoked and not seen|Which kernels have it/);
  const one = await pageOf(['harness-error', 'stable']);
  t.equal(one.has, 'silent');
  t.match(one.page, /provoked and not seen on `vanilla-3\.4`/, 'control');
});

t.test('a bound on a rate names the share of the work that it is of', async (t) => {
  const bound = async (iterations: number): Promise<string> => {
    const root = await aFolder();
    const made = aCell('vanilla-3.10', 'pidns-exec', { attempts: 5 });
    const cell = { ...made, kernel: { ...made.kernel, line: '3.10' } };
    const run = await RunStore.create(root, aRun([...controls, cell]));
    await appendControls(run);
    const over = { iterations, iterationsAsked: 100, censored: iterations < 100 };
    for (let index = 0; index < 5; index++) await run.append(anAttempt(cell.id, index, 'stable', over), '');
    await run.close();
    return renderPage(await collect([run.folder]), 'results').replace(/\s+/g, ' ');
  };
  t.match(await bound(58), 'in 0 of 5 attempts (58 % done) that provoke');
  t.match(await bound(58), 'over these attempts, as far as each got, is at most');
  t.match(await bound(100), 'in 0 of 5 attempts that provoke');
});

t.test('what is known of each kernel’s source is on the page', async (t) => {
  const root = await aFolder();
  const night = async (purities: Readonly<Record<string, string | null>>): Promise<string> => {
    const cells = Object.keys(purities).map((kernel) => aCell(kernel, 'pidns-exec'));
    const run = await RunStore.create(root, aRun([...controls, ...cells]));
    await appendControls(run);
    const image = { imageId: 'i', release: '3', provenance: 'a', seconds: 1, cached: true, config: null };
    for (const [kernel, purity] of Object.entries(purities))
      await run.recordImage({ kernel, status: 'ready', ...image, purity });
    for (const { id } of cells) await run.append(anAttempt(id, 0, 'stable'), '');
    await run.close();
    return run.folder;
  };
  const folders = [
    await night({
      'vanilla-3.2': 'unchecked',
      'vanilla-3.3': 'unchecked',
      'debian-6.1': 'signed',
      old: null,
    }),
    await night({ 'vanilla-3.2': 'differs in 3 files' }),
  ];
  const page = renderPage(await collect(folders), 'results');
  for (const line of [
    '- signed: `debian-6.1`.',
    '- unchecked: `vanilla-3.3`.',
    '- differs in 3 files in some runs, unchecked in others: `vanilla-3.2`.',
    '- unknown: `old`.',
  ])
    t.match(page, line);
});
