import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type Axis, axisRow, usualAxes } from '../../harness/matrix/axes.js';
import { axisRows, cellIdIn } from '../../harness/matrix/axis-rows.js';
import {
  canonicalCellId,
  columnLabel,
  partsOfCellId,
  rowNames,
  seedTextOf,
} from '../../harness/matrix/cell-id.js';
import { attemptKeys, expand, wholeProfile } from '../../harness/matrix/expand.js';
import { loadMatrix } from '../../harness/matrix/load.js';
import { smallMatrix } from './small-matrix.js';

/** A further axis: nothing else has to know of it. */
const engine: Axis = {
  id: 'engine',
  section: 'engines',
  option: '--engine',
  called: 'engine',
  plural: 'engines',
  unsaid: 'usual row',
  ofKernel: false,
  usual: 'none',
  row: axisRow,
};

async function matrixOf(t: Test, text: string, axes: readonly Axis[] = [...usualAxes, engine]) {
  const path = join(t.testdir(), 'matrix.yml');
  await writeFile(path, text);
  return await loadMatrix(path, axes);
}

const withEngines = (rows: string, profile = ''): string =>
  `${smallMatrix}  users: {kernel: [debian-6.1, vanilla-3.2], workload: lifecycle, storage: plain, boot: default${profile}}
engines: ${rows}
`;
const threeRows =
  "{none: {}, lxc: {kernelArguments: [vsyscall=emulate]}, runc: {needs: {lines: '>=3.2', storage: plain}}}";

t.test('a new axis changes no id that there is, and no seed', async (t) => {
  const before = await matrixOf(t, smallMatrix, usualAxes);
  const after = await matrixOf(t, withEngines(threeRows));
  const ids = (matrix: typeof before) => expand(matrix, wholeProfile('all')).map(({ id }) => id);
  t.same(ids(after), ids(before));
  t.same(
    attemptKeys(expand(after, wholeProfile('all')), 407),
    attemptKeys(expand(before, wholeProfile('all')), 407),
  );
});

t.test('its rows make cells where a profile names them, with ids and labels of their own', async (t) => {
  const matrix = await matrixOf(t, withEngines(threeRows, ", engines: '*'"));
  const cells = expand(matrix, wholeProfile('users')).filter(({ role }) => role === 'matrix');
  const [, lxc] = cells;
  t.same(
    cells.map(({ id }) => id),
    [
      'debian-6.1/lifecycle',
      'debian-6.1/lifecycle/engine=lxc',
      'debian-6.1/lifecycle/engine=runc',
      'vanilla-3.2/lifecycle',
      'vanilla-3.2/lifecycle/engine=lxc',
      'vanilla-3.2/lifecycle/engine=runc',
    ],
  );
  t.equal(lxc?.axes.engine?.id, 'lxc');
  t.equal(columnLabel('lifecycle/storage=aufs/engine=lxc'), 'lifecycle aufs lxc');
  const asked = { ...wholeProfile('users'), axes: { engine: ['lxc'] } };
  t.same(
    expand(matrix, asked)
      .slice(2)
      .map(({ id }) => id),
    ['debian-6.1/lifecycle/engine=lxc', 'vanilla-3.2/lifecycle/engine=lxc'],
  );
});

t.test(
  'a row that a kernel is too old for is unsupported, one that goes with no other is left out',
  async (t) => {
    const matrix = await matrixOf(
      t,
      withEngines(
        "{none: {}, new: {needs: {lines: '>=3.10'}}, odd: {needs: {storage: overlay}}}",
        ", engines: '*'",
      ),
    );
    const cells = expand(matrix, wholeProfile('users')).filter(({ role }) => role === 'matrix');
    t.same(
      cells.map(({ id, unsupported }) => [id, unsupported ?? '']),
      [
        ['debian-6.1/lifecycle', ''],
        ['debian-6.1/lifecycle/engine=new', ''],
        ['vanilla-3.2/lifecycle', ''],
        ['vanilla-3.2/lifecycle/engine=new', 'new needs a kernel of >=3.10, and this is of 3.2'],
      ],
    );
    t.throws(
      () => expand(matrix, { ...wholeProfile('x'), cells: ['debian-6.1/lifecycle/engine=odd'] }),
      /can't be combined/,
    );
    const cell = 'debian-6.1/lifecycle/engine=odd/storage=overlay';
    t.equal(expand(matrix, { ...wholeProfile('x'), cells: [cell] })[0]?.id, cell);
  },
);

t.test('mistakes in an axis are named with line and remedy', async (t) => {
  for (const [rows, what] of [
    ['{}', /engines: no row/],
    ['{none: {}, new: {needs: {userlnd: x}}}', /there is no axis 'userlnd'/],
    ['{none: {}, new: {needs: {storage: ovrlay}}}', /no storage driver matches 'ovrlay'/],
    ['{one: {usual: true}, other: {usual: true}}', /one is usual already/],
  ] as const) {
    await t.rejects(
      matrixOf(t, withEngines(rows)),
      { name: 'UsageError', message: what, remedy: /add at least one|did you mean|mark one row/ },
      rows,
    );
  }
  await t.rejects(
    matrixOf(t, `${smallMatrix}kernelArguments: {default: []}\n`, usualAxes),
    /kernelArguments and boot are one section/,
  );
});

t.test('ids of older runs are what they were, under the names of today', async (t) => {
  for (const [old, today] of [
    ['vanilla-3.2/lifecycle/plain/default', 'vanilla-3.2/lifecycle'],
    ['vanilla-3.2/lifecycle/aufs/default', 'vanilla-3.2/lifecycle/storage=aufs'],
    ['vanilla-3.7/pidns-exec/plain/poisoned', 'vanilla-3.7/pidns-exec/kernel-arguments=poisoned'],
    ['v/w/aufs/poisoned', 'v/w/kernel-arguments=poisoned/storage=aufs'],
  ] as const) {
    t.equal(canonicalCellId(old), today);
    t.equal(canonicalCellId(today), today);
    t.equal(seedTextOf(today), old, 'so that seeds are the same');
  }
  t.same(rowNames(partsOfCellId('v/w/aufs/poisoned').rows), ['aufs', 'poisoned']);
});

t.test('the usual row is the one marked, or else the one that older files took for it', async (t) => {
  const marked = await matrixOf(t, withEngines('{none: {}, lxc: {usual: true}}'));
  t.equal(axisRows(marked, {}, '').engine?.id, 'lxc');
  t.equal(axisRows(await matrixOf(t, withEngines('{lxc: {}, none: {}}')), {}, '').engine?.id, 'none');
  t.equal(axisRows(await matrixOf(t, withEngines('{lxc: {}, sid: {}}')), {}, '').engine?.id, 'lxc');
  const parts = { kernel: 'k', workload: 'w' };
  t.equal(cellIdIn(marked, { ...parts, rows: { engine: 'lxc', storage: 'plain' } }), 'k/w');
  t.throws(() => axisRows(marked, { storage: 'ovrlay' }, ''), /there is no storage driver 'ovrlay'/);
  t.throws(() => axisRows(marked, { storge: 'plain' }, ''), /there is no axis 'storge'/);
});
