import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { importedName } from '../../../harness/kernels/binding.js';
import { isCorePath, readCoreFiles } from '../../../harness/kernels/build/core-files.js';
import { coreId, treeCore } from '../../../harness/kernels/build/tree-core.js';
import { findKernel } from '../../../harness/kernels/kernel-entries.js';
import { type Files, makeWorkshop, toyTree, writeFiles } from './tree-fixture.js';

const core: Files = {
  'kernel/fork.c': 'copy_process\n',
  'fs/namespace.c': 'umount_tree\n',
  'fs/ext4/super.c': '',
  'arch/x86/kernel/traps.c': 'die\n',
  'arch/x86/boot/compressed/vmlinux.lds.S': 'ENTRY\n',
  'drivers/net/veth.c': 'veth\n',
};

const idOf = async (tree: string) => coreId(treeCore('6.1.7', await readCoreFiles(tree)));

t.test('core files have git’s own hashes, links too', async (t) => {
  const tree = await writeFiles(t.testdir({}), core);
  await symlink('../kernel/fork.c', join(tree, 'fs/link.c'));
  const git = (...words: string[]) => execa('git', words, { cwd: tree });
  await git('init', '--quiet');
  await git('add', '--all');
  const { stdout } = await git('ls-files', '--stage', 'kernel', 'fs', 'arch/x86');
  const told = stdout.split('\n').map((line) =>
    line
      .match(/^\d+ (\S+) \d\t(.*)$/)
      ?.slice(1)
      .reverse(),
  );
  t.same([...(await readCoreFiles(tree))], told.sort());
});

t.test('a tree is the same whatever a build, git or another file system left in it', async (t) => {
  const tree = await writeFiles(t.testdir({}), core);
  const id = await idOf(tree);
  const left = [
    'kernel/fork.o',
    'kernel/.fork.o.cmd',
    'fs/.gitignore',
    'include/generated/autoconf.h',
    'include/linux/autoconf.h',
    'arch/x86/kernel/vmlinux.lds',
    'arch/x86/boot/compressed/piggy.S',
  ];
  await writeFiles(tree, Object.fromEntries(left.map((path) => [path, 'left\n'])));
  await symlink('asm-x86', join(tree, 'include/asm'));
  await writeFiles(tree, { 'drivers/net/veth.c': 'other\n', Makefile: 'other\n' });
  t.equal(await idOf(tree), id);
});

t.test('a changed, an added, a lost and a renamed core file are each another tree', async (t) => {
  const trees: Files[] = [
    core,
    { ...core, 'kernel/fork.c': 'copy_process2\n' },
    { ...core, 'net/socket.c': '' },
    Object.fromEntries(Object.entries(core).filter(([path]) => path !== 'fs/ext4/super.c')),
    { ...core, 'fs/ext4/super.c': 'umount_tree\n', 'fs/namespace.c': '' },
  ];
  const folder = t.testdir({});
  const ids = await Promise.all(
    trees.map(async (files, index) => idOf(await writeFiles(join(folder, `${index}`), files))),
  );
  t.equal(new Set(ids).size, trees.length);
});

t.test('sources that look like what a build leaves count', (t) => {
  for (const path of [
    'arch/x86/boot/compressed/vmlinux.lds.S',
    'arch/x86/kernel/vmlinux.lds.S',
    'arch/x86/boot/compressed/relocs.c',
    'include/asm-generic/bug.h',
    'include/linux/bug.h',
    'kernel/timeconst.pl',
    'arch/x86/tools/gen-insn-attr-x86.awk',
  ]) {
    t.ok(isCorePath(path), path);
  }
  t.notOk(isCorePath('drivers/net/veth.c'));
  t.notOk(isCorePath('arch/x86_64/kernel/traps.c'));
  t.end();
});

t.test(
  'of a kernel that was built before, what its tree was is recorded without building it again',
  async (t) => {
    const shop = makeWorkshop(t);
    const folder = await writeFiles(join(shop.folder, 'toy'), { ...(await toyTree()), ...core });
    const source = { kind: 'tree', folder, config: {}, patches: [] } as const;
    const expected = (await shop.build({ source })).core;
    for (const space of ['rows', 'imported']) {
      for (const name of await readdir(join(shop.cache, space))) {
        const path = join(shop.cache, space, name);
        const { core: _, ...before } = JSON.parse(await readFile(path, 'utf8'));
        await writeFile(path, JSON.stringify(before));
      }
    }
    t.equal((await findKernel(importedName('vanilla-6.1')))?.core, undefined);
    shop.events.length = 0;
    t.same((await shop.build({ source })).core, expected);
    t.notOk(shop.events.some((event) => event.type === 'image-step' && event.step === 'compile'));
    t.same((await findKernel(importedName('vanilla-6.1')))?.core, expected);
  },
);

t.test('what a kernel’s tree was is kept with it, as it was before patches', async (t) => {
  const shop = makeWorkshop(t);
  const tree = await writeFiles(join(shop.folder, 'toy'), { ...(await toyTree()), ...core });
  const set = await writeFiles(join(shop.folder, 'set'), { 'fs/aufs.c': 'aufs\n' });
  const patches = [{ folder: set, apply: [], copy: ['fs'] }];
  const expected = treeCore('6.1.7', await readCoreFiles(tree));
  t.match(expected, { version: '6.1.7', files: 7 });
  const source = { kind: 'tree', folder: tree, config: {}, patches } as const;
  t.same((await shop.build({ source })).core, expected);
  t.same((await shop.build({ source })).core, expected, 'found in the cache');
  t.same((await findKernel(importedName('vanilla-6.1')))?.core, expected, 'by the row’s name');
  await writeFile(join(tree, 'kernel/fork.c'), 'copy_process2\n');
  t.notSame((await shop.build({ source })).core, expected, 'though its bytes may be the same');
  t.same((await shop.build({ source: { ...source, patches: [] } })).core?.files, 7);
});
