import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { projectRoot } from '../../harness/host/project.js';
import type { Outcome } from '../../harness/matrix/types.js';
import { hasBug } from '../../harness/repro/page/collect.js';
import { collect, renderPage } from '../../harness/repro/page/index.js';
import { type NewRun, RunStore, runIds } from '../../harness/results/index.js';
import type { Start } from '../../harness/schedule/boot/opened.js';
import { aCell, anAttempt, aReport, aRun } from '../results/made-up-run.js';

/** Controls of a matrix run; they hold where each ends as it is here. */
const controls = [
  aCell('debian-6.1', 'burn', { role: 'known-good' }),
  aCell('debian-6.1', 'control-lie', { role: 'known-bad', expectation: { outcomes: ['operation-failed'] } }),
];

async function appendControls(run: RunStore, bad: Outcome = 'operation-failed'): Promise<void> {
  const [good, lie] = controls;
  if (good) await run.append(anAttempt(good.id, 0, 'stable'), '');
  if (lie) await run.append(anAttempt(lie.id, 0, bad), '');
}

/** A run of #407's arms on one stock kernel: how many of `n` attempts fail in each, and whether frames name the bug. */
async function evidence(n: number, provoked: number, control: number, knownIssue: string | null = null) {
  const root = await mkdtemp(join(tmpdir(), 'kmatrix-'));
  t.teardown(() => rm(root, { recursive: true }));
  const thread = aCell('vanilla-3.4', 'pidns-exec', { attempts: n });
  const leader = aCell('vanilla-3.4', 'pidns-exec-leader', { attempts: n });
  const run = await RunStore.create(
    root,
    aRun([...controls, thread, leader, aCell('vanilla-3.4', 'lifecycle')]),
  );
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
  await appendControls(run);
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
  const run = await RunStore.create(root, aRun([...controls, ...cells]));
  await appendControls(run);
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
  t.match(renderPage(found, 'results'), /\| docker-2013 \| stock, aufs \| a \| 0\/1/);
});

/** A run of cells that were named: outcomes by cell, each of as many attempts as planned. */
async function aComparison(
  profile: string,
  outcomes: Readonly<Record<string, readonly Outcome[]>>,
  planned = 3,
): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'kmatrix-'));
  t.teardown(() => rm(root, { recursive: true }));
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
    const root = await mkdtemp(join(tmpdir(), 'kmatrix-'));
    t.teardown(() => rm(root, { recursive: true }));
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

t.test('hosts, accelerators, ways of starting and numbers of machines stand apart', async (t) => {
  const cell = aCell('vanilla-3.4', 'pidns-exec', { attempts: 2 });
  const root = await mkdtemp(join(tmpdir(), 'kmatrix-'));
  t.teardown(() => rm(root, { recursive: true }));
  const folders: string[] = [];
  const night = async (over: Partial<NewRun>, start: Start, fails: boolean): Promise<void> => {
    const run = await RunStore.create(root, { ...aRun([...controls, cell]), ...over });
    await appendControls(run);
    for (const index of [0, 1])
      await run.append(anAttempt(cell.id, index, fails ? 'oops' : 'stable', { start }), '');
    await run.close();
    folders.push(run.folder);
  };
  const jobs = { usual: 2, most: 2 };
  await night({ jobs }, 'cold', true);
  await night({ jobs }, 'cold', false);
  await night({ jobs }, 'fork', true);
  await night({ jobs: { usual: 2, most: 8 } }, 'cold', true);
  await night({ jobs, accelerator: { name: 'kvm', reason: '' } }, 'cold', true);
  await night({}, 'cold', true);
  const found = await collect(folders);
  t.same(
    found.kernels[0]?.trials
      .map(({ way, provoked }) =>
        [way.accelerator, way.start, way.jobs, `${provoked.failing}/${provoked.of}`].join(' '),
      )
      .toSorted(),
    ['kvm cold 2 2/2', 'tcg cold  2/2', 'tcg cold 2 2/4', 'tcg cold 2 to 8 2/2', 'tcg fork 2 2/2'],
  );
  const page = renderPage(found, 'results');
  t.match(page, /\| [a-e] \| host 1 \| kvm \| booted \| 2 at a time \|/);
  t.match(page, /\| [a-e] \| host 1 \| tcg \| booted \| unknown \|/);
  t.match(page, /\| vanilla-3\.4 \| pidns-exec \| stock \| [a-e] \| 2\/4/);
});

t.test('two hosts stand apart, and so do the sessions of a run that changed its accelerator', async (t) => {
  const cell = aCell('vanilla-3.4', 'pidns-exec', { attempts: 2 });
  const root = await mkdtemp(join(tmpdir(), 'kmatrix-'));
  t.teardown(() => rm(root, { recursive: true }));
  const made = aRun([...controls, cell]);
  const run = await RunStore.create(root, made);
  await appendControls(run);
  await run.append(anAttempt(cell.id, 0, 'oops'), '');
  await run.beginSession({ ...made, accelerator: { name: 'kvm', reason: '' } });
  await run.append(anAttempt(cell.id, 1, 'stable'), '');
  await run.close();
  const trials = (await collect([run.folder])).kernels[0]?.trials;
  t.same(trials?.map(({ way, provoked }) => [way.accelerator, provoked.failing, provoked.of]).toSorted(), [
    ['kvm', 0, 1],
    ['tcg', 1, 1],
  ]);
  const file = join(run.folder, 'run.json');
  const other = t.testdir();
  await cp(run.folder, join(other, 'copy'), { recursive: true });
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  const sessions = join(other, 'copy', 'sessions.jsonl');
  const text = await readFile(sessions, 'utf8');
  await writeFile(sessions, text.replaceAll(manifest.host.id, 'ffffffffffff'));
  const both = await collect([run.folder, join(other, 'copy')]);
  t.equal(both.kernels[0]?.trials.length, 4);
  t.match(renderPage(both, 'results'), /\| host 2 \|/);
});

t.test('the silence of mended lines is a bound on the rate', async (t) => {
  const run = async (kernel: string, line: string, failing: number): Promise<string> => {
    const root = await mkdtemp(join(tmpdir(), 'kmatrix-'));
    t.teardown(() => rm(root, { recursive: true }));
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

t.test('docs/407.md is what the stored runs say', async (t) => {
  const results = join(projectRoot, 'results');
  const folders = (await runIds(results)).map((id) => join(results, id));
  const page = await readFile(join(projectRoot, 'docs/407.md'), 'utf8');
  const [, again = ''] = page.split('## Again');
  const named = folders.filter((folder) => again.includes(folder.slice(results.length + 1)));
  t.not(named.length, 0, 'the page names runs that are here');
  t.equal(renderPage(await collect(named), '../results'), page);
});
