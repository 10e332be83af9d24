import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { applyPatches } from '../../../harness/kernels/build/apply-patches.js';
import { writeFiles } from './tree-fixture.js';

const { signal } = new AbortController();
const lines = (...changed: string[]) => `${[...'abcdefghijklmnopqrst', ...changed].join('\n')}\n`;

/** Changes line b to B and line q to Q, in two hunks. */
const good = `--- a/fs/namei.c
+++ b/fs/namei.c
@@ -1,4 +1,4 @@
 a
-b
+B
 c
 d
@@ -15,6 +15,6 @@
 o
 p
-q
+Q
 r
 s
 t
`;
const second = good.replaceAll('-b\n+B', '-B\n+BB').replaceAll('-q\n+Q', '-Q\n+QQ');

async function makeTree(t: Test) {
  const folder = t.testdir({
    tree: { fs: { 'namei.c': lines() } },
    set: { 'one.patch': good, 'two.patch': second },
  });
  const [tree, set] = [join(folder, 'tree'), join(folder, 'set')];
  const apply = (patches: readonly string[], copy: readonly string[] = []) =>
    applyPatches(tree, set, { apply: patches, copy }, signal);
  const text = () => readFile(join(tree, 'fs/namei.c'), 'utf8');
  return { tree, set, apply, text };
}

t.test('patches are applied in the order in which the set names them', async (t) => {
  const { apply, text } = await makeTree(t);
  await apply(['one.patch', 'two.patch']);
  t.match(await text(), /^a\nBB\nc\n[\s\S]*\nQQ\n/);
});

t.test('a patch that doesn’t apply is named with its file and hunk, and changes nothing', async (t) => {
  const { set, apply, text } = await makeTree(t);
  await writeFiles(set, {
    'bad.patch': good.replace(' o\n p\n-q', ' x\n y\n-z').replace(' r\n s\n t', ' u\n v\n w'),
  });
  await t.rejects(apply(['bad.patch']), {
    name: 'ImageError',
    message: /^bad\.patch doesn't apply: hunk 2 of fs\/namei\.c \(line 15\)$/,
  });
  t.equal(await text(), lines(), 'the first hunk isn’t there either');
  await t.rejects(apply(['two.patch']), /hunk 1 of fs\/namei\.c.*hunk 2 of fs\/namei\.c/, 'out of order');
});

t.test(
  'a patch that is in the tree already, is for another tree, or is no patch, is an error too',
  async (t) => {
    const { set, apply } = await makeTree(t);
    await apply(['one.patch']);
    await t.rejects(apply(['one.patch']), { name: 'ImageError', message: /one\.patch doesn't apply/ });
    await writeFiles(set, { 'far.patch': good.replaceAll('namei.c', 'nope.c'), 'text.patch': 'hello\n' });
    await t.rejects(apply(['far.patch']), /far\.patch doesn't apply.*(nope\.c|can't find)/);
    await t.rejects(apply(['text.patch']), /text\.patch doesn't apply/);
    await t.rejects(apply(['absent.patch']), /the patch set has no absent\.patch/);
  },
);

t.test('files and folders of the set are copied into the tree, beside what is there', async (t) => {
  const { tree, set, apply, text } = await makeTree(t);
  await writeFiles(set, {
    'fs/aufs/main.c': 'aufs\n',
    'include/linux/aufs_type.h': 'type\n',
    README: 'no\n',
  });
  await apply([], ['fs', 'include/linux/aufs_type.h']);
  t.equal(await readFile(join(tree, 'fs/aufs/main.c'), 'utf8'), 'aufs\n');
  t.equal(await readFile(join(tree, 'include/linux/aufs_type.h'), 'utf8'), 'type\n');
  t.equal(await text(), lines());
  await t.rejects(readFile(join(tree, 'README')));
});

t.test('a path that leaves the set is refused', async (t) => {
  const { apply } = await makeTree(t);
  for (const path of ['../tree', '/etc/passwd', 'fs/../../x']) {
    await t.rejects(apply([], [path]), { name: 'UsageError' }, path);
    await t.rejects(apply([path]), { name: 'UsageError' }, path);
  }
});

t.test('a patch can’t write outside the tree', async (t) => {
  const { tree, set, apply } = await makeTree(t);
  await writeFiles(set, { 'evil.patch': '--- /dev/null\n+++ b/../../evil\n@@ -0,0 +1 @@\n+evil\n' });
  await t.rejects(apply(['evil.patch']), { name: 'ImageError' });
  await t.rejects(readFile(join(tree, '../evil')));
  await t.rejects(readFile(join(tree, '../../evil')));
});
