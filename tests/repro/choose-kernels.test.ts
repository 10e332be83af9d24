import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import t, { type Test } from 'tap';
import { HostError } from '../../harness/errors.js';
import { projectRoot } from '../../harness/host/project.js';
import { importedName } from '../../harness/kernels/binding.js';
import { obtainFile } from '../../harness/kernels/sources/file.js';
import { loadMatrix } from '../../harness/matrix/load.js';
import { findArm, findBug, loadBugs } from '../../harness/repro/bugs.js';
import { chooseKernels, chooseSeriesKernels, type IsCached } from '../../harness/repro/choose-kernels.js';
import { fakeBzImage } from '../kernels/fetch/archive-fixture.js';

process.env.KMATRIX_CACHE = t.testdir();
const matrix = await loadMatrix(join(projectRoot, 'matrix.yml'));
const bug = findBug(loadBugs(), '407');
const churn = findBug(loadBugs(), 'lp720095');
if (bug.kind !== 'reports' || churn.kind !== 'series') throw new Error('bugs.yml');
const poisoned = findArm(bug, { name: 'poisoned' });
const stock = findArm(bug, { name: 'stock' });
const only =
  (...ids: string[]): IsCached =>
  async ({ id }) =>
    ids.includes(id);
async function refused(t: Test, choosing: Promise<unknown>, error: object): Promise<void> {
  t.match(await choosing.catch((thrown: unknown) => thrown), error);
}
const ids = ({ kernels }: { kernels: readonly { id: string }[] }): string[] => kernels.map(({ id }) => id);

t.test(
  'of known-bad kernels at hand the best is taken, with the reason; never one that is not known bad',
  async (t) => {
    const all = only('debian-6.1-cloud', 'vanilla-3.8', 'vanilla-3.7', 'vanilla-3.2', 'vanilla-2.6.38');
    const chosen = await chooseKernels(matrix, bug, poisoned, [], all);
    t.same(ids(chosen), ['vanilla-3.2']);
    t.match(chosen.because, /most reports of the time/);
    t.same(
      ids(await chooseKernels(matrix, bug, stock, [], all)),
      ['vanilla-2.6.38'],
      'an arm may prefer others',
    );
    t.same(ids(await chooseKernels(matrix, bug, stock, [], only('vanilla-3.6'))), ['vanilla-3.6']);
  },
);

t.test('where none is at hand the error has the commands that get one, and exit code 3', async (t) => {
  await refused(t, chooseKernels(matrix, bug, poisoned, [], only('vanilla-3.8')), {
    exitCode: 3,
    remedy: /images build vanilla-3\.2 \[--tree FOLDER\]\n.*images import/s,
  });
  await refused(t, chooseKernels(matrix, bug, poisoned, [], only()), {
    remedy: /^get one[^\n]*\n {4}kmatrix images build vanilla-3\.2 \[--tree FOLDER\]\n/,
  });
  await t.rejects(chooseKernels(matrix, bug, poisoned, []), HostError, 'the real cache, which is empty here');
});

t.test('a kernel of another line that stands under a known-bad name is not taken for it', async (t) => {
  const folder = t.testdir({ cache: {} });
  process.env.KMATRIX_CACHE = join(folder, 'cache');
  await writeFile(join(folder, 'bzImage'), fakeBzImage('6.12.1-mine'));
  await writeFile(join(folder, 'bad'), fakeBzImage('3.2.50-mine'));
  const bring = (file: string) =>
    obtainFile(importedName('vanilla-3.2'), { kind: 'file', bzImage: join(folder, file) });
  await bring('bzImage');
  await refused(t, chooseKernels(matrix, bug, poisoned, []), { exitCode: 3 });
  await bring('bad');
  t.same(ids(await chooseKernels(matrix, bug, poisoned, [])), ['vanilla-3.2']);
});

t.test(
  'kernels that were asked for are taken as patterns, cached or not; a wrong one is a usage error',
  async (t) => {
    const chosen = await chooseKernels(matrix, bug, poisoned, ['vanilla-3.[', 'vanilla-3.2'], only()).catch(
      (error: unknown) => error,
    );
    t.match(chosen, { exitCode: 2 });
    t.same(ids(await chooseKernels(matrix, bug, poisoned, ['vanilla-3.?'], only())).slice(0, 3), [
      'vanilla-3.0',
      'vanilla-3.1',
      'vanilla-3.2',
    ]);
  },
);

t.test('churn compares the cached of its lines and the newest line that is cached', async (t) => {
  const cached = only(
    'vanilla-2.6.32',
    'vanilla-3.8',
    'debian-5.10-cloud',
    'debian-6.1-cloud',
    'vanilla-4.9',
  );
  t.same(ids(await chooseSeriesKernels(matrix, churn, [], cached)), [
    'vanilla-2.6.32',
    'vanilla-3.8',
    'debian-6.1-cloud',
  ]);
  await refused(t, chooseSeriesKernels(matrix, churn, [], only()), {
    exitCode: 3,
    remedy: /images build vanilla-2.6.32/,
  });
});
