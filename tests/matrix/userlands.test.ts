import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { bringsUserland } from '../../harness/matrix/axes.js';
import { expand, wholeProfile } from '../../harness/matrix/expand.js';
import { loadMatrix } from '../../harness/matrix/load.js';
import { selectFetched } from '../../harness/matrix/select-rows.js';
import { smallMatrix } from './small-matrix.js';

const rows = `
userlands:
  none: {usual: true}
  new: {apt: {distribution: debian, suite: bookworm}, needs: {lines: '>=3.10'}}
  old: {apt: {distribution: debian, suite: bullseye}, lowered: {from: 3.2.0, to: 2.6.32}, needs: {lines: '>=2.6.32'}}
`;

async function matrixWith(t: Test, userlands: string, workload = 'needs: {userlands: [new, old]}') {
  const path = join(t.testdir(), 'matrix.yml');
  const text = smallMatrix.replace(
    'workloads:\n',
    `workloads:\n  programs: {program: burn, iterations: 1, ${workload}}\n`,
  );
  await writeFile(path, `${text}${userlands}`);
  return await loadMatrix(path);
}

const cellsOf = (matrix: Awaited<ReturnType<typeof matrixWith>>, ...userlands: string[]) =>
  expand(matrix, {
    ...wholeProfile('all'),
    kernels: ['debian-6.1', 'vanilla-3.2'],
    workloads: ['programs'],
    axes: {
      storage: ['plain'],
      'kernel-arguments': ['default'],
      ...(userlands.length > 0 && { userland: userlands }),
    },
  })
    .filter(({ role }) => role === 'matrix')
    .map(({ id, unsupported }) => [id, unsupported]);

t.test('a workload that needs a userland gets the first that its kernel can have', async (t) => {
  const matrix = await matrixWith(t, rows);
  t.same(cellsOf(matrix), [
    ['debian-6.1/programs/userland=new', undefined],
    ['vanilla-3.2/programs/userland=old', undefined],
  ]);
  t.same(cellsOf(matrix, 'new'), [
    ['debian-6.1/programs/userland=new', undefined],
    ['vanilla-3.2/programs/userland=new', 'new needs a kernel of >=3.10, and this is of 3.2'],
  ]);
  t.throws(() => cellsOf(matrix, 'none'), /leave no cell/, 'without one there is nothing to run');
});

t.test('a storage driver whose tools are a userland’s gets one, and the others none', async (t) => {
  const path = join(t.testdir(), 'matrix.yml');
  const text = smallMatrix
    .replace('workloads:\n', 'workloads:\n  programs: {program: burn, iterations: 1}\n')
    .replace(
      'storage: {plain: {}, ',
      'storage: {plain: {usual: true}, snapshots: {needs: {userlands: [new, old]}}, ',
    );
  await writeFile(path, `${text}${rows}`);
  const matrix = await loadMatrix(path);
  const cells = (...userlands: string[]) =>
    expand(matrix, {
      ...wholeProfile('all'),
      kernels: ['debian-6.1', 'vanilla-3.2'],
      workloads: ['programs'],
      axes: {
        storage: ['plain', 'snapshots'],
        'kernel-arguments': ['default'],
        ...(userlands.length > 0 && { userland: userlands }),
      },
    })
      .filter(({ role }) => role === 'matrix')
      .map(({ id }) => id);
  t.same(cells(), [
    'debian-6.1/programs',
    'debian-6.1/programs/storage=snapshots/userland=new',
    'vanilla-3.2/programs',
    'vanilla-3.2/programs/storage=snapshots/userland=old',
  ]);
  t.same(cells('none'), ['debian-6.1/programs', 'vanilla-3.2/programs']);
});

t.test('rows that bring a disk are fetched as kernels are; the usual row brings none', async (t) => {
  const matrix = await matrixWith(t, rows);
  const [axis] = matrix.axes.filter((one) => one.axis.id === 'userland');
  t.same(
    axis?.rows.map((row) => bringsUserland(row)),
    [false, true, true],
  );
  t.match(axis?.rows[2]?.userland, { lowered: { from: '3.2.0', to: '2.6.32' } });
  const { kernels, userlands } = selectFetched(matrix, ['old', 'debian-*']);
  t.same(
    userlands.map(({ id }) => id),
    ['old'],
  );
  t.ok(kernels.every(({ id }) => id.startsWith('debian-')));
});

t.test('a file without the section has the usual row alone', async (t) => {
  const matrix = await matrixWith(t, '', '');
  t.match(matrix.axes.at(-1)?.rows, [{ id: 'none', usual: true }]);
});

t.test('mistakes are named with line and remedy', async (t) => {
  const apt = '{distribution: debian, suite: bookworm}';
  const cases = [
    [`{none: {usual: true}, odd: {}}`, /a userland has a source/],
    [`{none: {usual: true, apt: ${apt}}}`, /a userland has a source/],
    [`{none: {usual: true}, odd: {apt: ${apt}, lowered: {from: '3.2', to: 2.6.32}}}`, /three numbers/],
    [`{none: {usual: true}, odd: {apt: {distribution: arch, suite: x}}}`, /not one of the known values/],
  ] as const;
  for (const [section, message] of cases)
    await t.rejects(matrixWith(t, `userlands: ${section}\n`, ''), { name: 'UsageError', message }, section);
  await t.rejects(matrixWith(t, rows, 'needs: {userlands: [nwe]}'), /userland.*nwe/);
});
