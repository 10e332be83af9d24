import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { findRun } from '../../harness/results/find-run.js';
import { RunStore } from '../../harness/results/run-store.js';
import { kmatrix } from '../cli/kmatrix.js';
import { aCell, aRun } from './made-up-run.js';

/** A folder with a run of the matrix, and newer ones of `kmatrix repro` and `kmatrix compare --confirm`. */
async function runsOfAllSorts(): Promise<{ root: string; matrix: string; repro: string }> {
  const root = await mkdtemp(join(tmpdir(), 'kmatrix-'));
  t.teardown(() => rm(root, { recursive: true }));
  const cell = aCell('vanilla-3.2', 'pidns-exec');
  const made = aRun([cell]);
  const run = await RunStore.create(root, made);
  await run.close();
  const selection = { ...made.selection, profile: 'search-407', cells: [cell.id] };
  const other = await RunStore.create(root, { ...made, selection });
  await other.close();
  const anew = await RunStore.create(root, { ...made, selection: { ...selection, profile: 'confirm' } });
  await anew.close();
  // ids begin with their time; these began in the same second
  await rename(anew.folder, join(root, '20261124T120000Z-0c0c0c'));
  const folders = [join(root, '20261124T100000Z-0a0a0a'), join(root, '20261124T110000Z-0b0b0b')] as const;
  await rename(run.folder, folders[0]);
  await rename(other.folder, folders[1]);
  return { root, matrix: folders[0], repro: folders[1] };
}

t.test('latest is the newest run of the matrix, whatever repro and --confirm stored since', async (t) => {
  const { root, matrix, repro } = await runsOfAllSorts();
  t.equal(await findRun(root, 'latest'), matrix);
  const id = repro.slice(root.length + 1);
  t.equal(await findRun(root, id), repro);
  t.equal(await findRun(root, `${id}/`), repro, 'as a shell completes it');
  await t.rejects(findRun(root, 'nope'), { name: 'UsageError' });
  await rm(matrix, { recursive: true });
  await t.rejects(findRun(root, 'latest'), {
    message: /no run of the matrix/,
    remedy: /kmatrix repro and of compare --confirm .* 20261124T120000Z-0c0c0c/,
  });
});

t.test("a run that can't be read is the latest all the same, so that its reader says why", async (t) => {
  const { root, matrix } = await runsOfAllSorts();
  await writeFile(join(matrix, 'run.json'), '{"version":0}');
  t.equal(await findRun(root, 'latest'), matrix);
});

t.test('a run of repro is not resumed', async (t) => {
  const { root, repro } = await runsOfAllSorts();
  const { exitCode, stderr } = await kmatrix(['run', '--resume', repro, '--out', root]);
  t.equal(exitCode, 2, stderr);
  t.match(stderr, /run its command again/);
});
