import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { type NewRun, RunStore } from '../../../harness/results/run-store.js';
import type { Start } from '../../../harness/templates/opened.js';
import { aCell, anAttempt, aRun } from '../../results/made-up-run.js';
import { aFolder, appendControls, controls } from './page-evidence.js';
import { collect, renderPage } from './page-of-407.js';

t.test('hosts, accelerators, ways of starting and numbers of machines stand apart', async (t) => {
  const cell = aCell('vanilla-3.4', 'pidns-exec', { attempts: 2 });
  const root = await aFolder();
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
  const root = await aFolder();
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

t.test(
  'attempts of one way that another QEMU, kmatrix or guest build made are counted together, and marked',
  async (t) => {
    const cells = ['pidns-exec', 'pidns-exec-leader'].map((id) => aCell('vanilla-3.4', id, { attempts: 2 }));
    const root = await aFolder();
    const night = async (over: Partial<NewRun> = {}): Promise<string> => {
      const run = await RunStore.create(root, { ...aRun([...controls, ...cells]), guest: 'g1', ...over });
      await appendControls(run);
      for (const { id } of cells)
        for (const index of [0, 1]) await run.append(anAttempt(id, index, 'stable'), '');
      await run.close();
      return run.folder;
    };
    const first = await night();
    for (const [over, what] of [
      [{ qemu: { binary: 'q', version: '9.1.0' } }, 'QEMU'],
      [{ kmatrix: '0.2.0' }, 'kmatrix'],
      [{ guest: 'g2' }, 'guest programs'],
    ] as const) {
      const found = await collect([first, await night(over)]);
      t.match(found.kernels[0]?.trials, [{ provoked: { of: 4 }, control: { of: 4 } }], 'one way');
      const page = renderPage(found, 'results');
      t.match(page, '| vanilla-3.4 | pidns-exec | stock | a ~ | 0/4');
      t.match(page, `behind the letter: these attempts differ in something else besides (${what}).`);
    }
    const same = renderPage(await collect([first, await night()]), 'results');
    t.match(same, '| vanilla-3.4 | pidns-exec | stock | a | 0/4');
    t.notMatch(same, '~', 'control: of equal sessions none is');
  },
);
