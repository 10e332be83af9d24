import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { projectRoot } from '../../harness/host/project.js';
import { hasBug } from '../../harness/repro/page/collect.js';
import { collect, renderPage } from '../../harness/repro/page/index.js';
import { RunStore, runIds } from '../../harness/results/index.js';
import { aCell, anAttempt, aReport, aRun } from '../results/made-up-run.js';

/** A run of #407's arms on one stock kernel: how many of `n` attempts fail in each, and whether frames name the bug. */
async function evidence(n: number, provoked: number, control: number, knownIssue: string | null = null) {
  const root = await mkdtemp(join(tmpdir(), 'kmatrix-'));
  t.teardown(() => rm(root, { recursive: true }));
  const thread = aCell('vanilla-3.4', 'pidns-exec', { attempts: n });
  const leader = aCell('vanilla-3.4', 'pidns-exec-leader', { attempts: n });
  const run = await RunStore.create(root, aRun([thread, leader, aCell('vanilla-3.4', 'lifecycle')]));
  for (const [cell, failing] of [
    [thread, provoked],
    [leader, control],
  ] as const) {
    for (let index = 0; index < n; index++) {
      const failed = index < failing;
      await run.append(
        anAttempt(cell.id, index, failed ? 'oops' : 'stable', {
          reports: failed ? [aReport({ knownIssue })] : [],
          decisive: failed ? 0 : null,
          secondsToReport: failed ? 2 + index : null,
          iterations: 10 * index,
        }),
        'a console',
      );
    }
  }
  await run.append(anAttempt('vanilla-3.4/lifecycle/plain/default', 0, 'panic'), '');
  await run.close();
  return await collect([run.folder]);
}

const only = async (found: ReturnType<typeof evidence>) => {
  const [kernel] = (await found).kernels;
  const arm = kernel?.trials[0];
  if (kernel === undefined || arm === undefined) throw new Error('no evidence was collected');
  return { kernel, arm };
};

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
    kernels[0]?.trials.map(({ experiment, boot }) => [experiment.workload, boot]),
    [['pidns-exec', 'default']],
  );
});

t.test('storage drivers stand apart, each beside its own control', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'kmatrix-'));
  t.teardown(() => rm(root, { recursive: true }));
  const onAufs = (workload: string) => ({
    ...aCell('vanilla-3.4', workload, { storage: { id: 'aufs', modules: [], arguments: {} } }),
    id: `vanilla-3.4/${workload}/aufs/default`,
  });
  const plain = aCell('vanilla-3.4', 'docker-2013');
  const cells = [plain, onAufs('docker-2013'), onAufs('docker-2013-leader')];
  const run = await RunStore.create(root, aRun(cells));
  for (const { id } of cells) await run.append(anAttempt(id, 0, id === plain.id ? 'panic' : 'stable'), '');
  await run.close();
  const found = await collect([run.folder]);
  t.same(
    found.kernels[0]?.trials.map(({ storage, provoked, control }) => [
      storage,
      provoked.failing,
      control?.of ?? null,
    ]),
    [
      ['plain', 1, null],
      ['aufs', 0, 1],
    ],
  );
  t.match(renderPage(found, 'results'), /\| docker-2013 \| stock, aufs \| 0\/1/);
});

t.test('a whole comparison counts; one that was cut short does not, nor does a search', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'kmatrix-'));
  t.teardown(() => rm(root, { recursive: true }));
  const cell = aCell('vanilla-3.4', 'pidns-exec');
  for (const [profile, planned, counted] of [
    ['compare-407', 1, 1],
    ['compare-407', 2, 0],
    ['search-407', 1, 0],
  ] as const) {
    const made = aRun([{ ...cell, attempts: planned }]);
    const selection = { ...made.selection, profile, cells: [cell.id] };
    const run = await RunStore.create(root, { ...made, selection });
    await run.append(anAttempt(cell.id, 0, 'stable'), '');
    await run.close();
    t.equal((await collect([run.folder])).runs.length, counted, `${profile}, 1 of ${planned}`);
  }
});

t.test('the silence of mended lines is a bound on the rate', async (t) => {
  const run = async (kernel: string, line: string, failing: number): Promise<string> => {
    const root = await mkdtemp(join(tmpdir(), 'kmatrix-'));
    t.teardown(() => rm(root, { recursive: true }));
    const made = aCell(kernel, 'pidns-exec', { attempts: 300 });
    const cell = { ...made, kernel: { ...made.kernel, line } };
    const store = await RunStore.create(root, aRun([cell]));
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
  t.notMatch(await run('vanilla-3.7', '3.7', 0), /one-sided/);
});

t.test('docs/407.md is what the stored runs say', async (t) => {
  const results = join(projectRoot, 'results');
  const folders = (await runIds(results)).map((id) => join(results, id));
  const page = await readFile(join(projectRoot, 'docs/407.md'), 'utf8');
  const [counted = ''] = page.match(/^Counted from .*$/m) ?? [];
  const named = folders.filter((folder) => counted.includes(folder.slice(results.length + 1)));
  t.not(named.length, 0, 'the page names runs that are here');
  t.equal(renderPage(await collect(named), '../results'), page);
});
