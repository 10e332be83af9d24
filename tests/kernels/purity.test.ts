import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { stringify } from 'yaml';
import { projectRoot } from '../../harness/host/project.js';
import { coreId, treeCore } from '../../harness/kernels/build/tree-core.js';
import { purityOf, readPurities } from '../../harness/kernels/purity.js';

const core = treeCore('3.2.71', new Map([['fs/namespace.c', 'a'.repeat(40)]]));
const entry = { version: '3.2.71', core: coreId(core), files: 1, against: 'another copy', differ: [] };

t.test('what is known of a source is one of four things', async (t) => {
  const file = join(t.testdir({}), 'purity.yml');
  const known = async (...trees: object[]) => {
    await writeFile(file, stringify({ trees }));
    return purityOf({ core }, 'tree', file);
  };
  t.equal(await known(), 'unchecked');
  t.equal(await known(entry), 'same as another copy');
  t.equal(await known({ ...entry, differ: ['fs/namespace.c'] }), 'differs in 1 file');
  t.equal(await known({ ...entry, differ: ['fs/a.c', '-fs/b.c', '+fs/c.c'] }), 'differs in 3 files');
  t.equal(await known({ ...entry, core: 'b'.repeat(64) }), 'unchecked', 'another tree');
  for (const against of ['its neighbours', 'its history']) {
    t.equal(
      await known({ ...entry, against }),
      'unchecked',
      `no change against ${against} is no second copy`,
    );
    t.equal(await known({ ...entry, against, differ: ['fs/a.c'] }), 'differs in 1 file');
  }
  t.equal(await purityOf({ core: { ...core, signed: true } }, 'tree', file), 'signed');
});

t.test('packages are as their archives sign them; what nobody signed is unchecked', async (t) => {
  t.equal(await purityOf({}, 'apt'), 'signed');
  t.equal(await purityOf({}, 'archive'), 'signed');
  for (const kind of ['url', 'file', 'imported', 'tree'] as const)
    t.equal(await purityOf({}, kind), 'unchecked');
});

t.test('a file of purities that is none is an error with its place', async (t) => {
  const file = join(t.testdir({}), 'purity.yml');
  for (const text of ['trees: [', 'trees: [{version: 1}]']) {
    await writeFile(file, text);
    await t.rejects(readPurities(file), { name: 'UsageError', where: file });
  }
});

t.test(
  'the project’s file has each tree once, and docs/kernels.md has each tree and file of it',
  async (t) => {
    const trees = await readPurities();
    t.ok(trees.length > 10);
    t.equal(new Set(trees.map((tree) => tree.core)).size, trees.length);
    const docs = await readFile(join(projectRoot, 'docs/kernels.md'), 'utf8');
    for (const { version, core: id, differ } of trees) {
      t.match(
        docs,
        new RegExp(`^\\| ${version.replaceAll('.', '\\.')}.* \\| ${id.slice(0, 12)} \\|`, 'm'),
        version,
      );
      t.equal(new Set(differ).size, differ.length);
      t.same(
        differ.filter((path) => !docs.includes(`\`${path}\``)),
        [],
        version,
      );
    }
  },
);
