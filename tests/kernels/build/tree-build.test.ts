import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { importedName } from '../../../harness/kernels/binding.js';
import { makeWordsFile, unpackBuiltHeaders } from '../../../harness/kernels/built-headers.js';
import { findKernel } from '../../../harness/kernels/kernel-entries.js';
import { orderModules } from '../../../harness/kernels/modules.js';
import { fromFolder, inCache, makeWorkshop, toyIn, writeFiles } from './tree-fixture.js';

t.test('a tree is built into the cache under its row’s id, and is only read', async (t) => {
  const shop = makeWorkshop(t);
  const tree = await toyIn(shop);
  const names = await readdir(tree, { recursive: true });
  const kernel = await shop.build({ source: fromFolder(tree) });
  t.match(kernel, {
    release: '6.1.7-toy',
    provenance: /^vanilla 6\.1\.7-toy, built from a supplied tree, gcc \d+\./,
  });
  const own = await shop.build({ rowId: 'my-6.1', flavour: 'our own', source: fromFolder(tree) });
  t.match(own.provenance, /^our own 6\.1\.7-toy, built from/, 'the row’s flavour, not its name’s beginning');
  t.match(await readFile(kernel.bzImage, 'utf8'), /^start_kernel\n.*\|x86\|\n/);
  t.match(await readFile(kernel.config ?? '', 'utf8'), /^CONFIG_MEMCG=y$/m);
  t.match(await readFile(kernel.systemMap ?? '', 'utf8'), /^1\n2\n/);
  t.same(await readdir(tree, { recursive: true }), names);
  t.same(await readdir(join(shop.cache, 'staging')), []);
  t.equal((await findKernel(importedName('vanilla-6.1')))?.id, kernel.id);
  t.match(await readFile(join(shop.cache, 'builds/vanilla-6.1.log'), 'utf8'), /CC {6}init\/main\.o/);
  t.ok(shop.events.some((event) => event.type === 'image-progress'));
});

t.test('a built kernel keeps its modules, and what further modules of it are built against', async (t) => {
  const shop = makeWorkshop(t);
  const tree = await toyIn(shop, {
    'include/linux/module.h': '/* module */\n',
    'fs/ext4.h': 'no header of all\n',
  });
  const kernel = await shop.build({ source: fromFolder(tree) });
  t.same((await orderModules(kernel, ['loop', 'xfs'])).builtin, ['loop']);
  const { signal } = new AbortController();
  const headers = await unpackBuiltHeaders(kernel, join(shop.folder, 'headers'), signal);
  t.match(headers.words, ['ARCH=x86', 'CROSS_COMPILE=', /^CC=gcc/, /^LD=ld/, /^HOSTCC=gcc/]);
  for (const path of [
    'Makefile',
    'Module.symvers',
    '.config',
    'include/linux/module.h',
    'include/config/kernel.release',
  ])
    t.ok(existsSync(join(headers.folder, path)), path);
  t.notOk(existsSync(join(headers.folder, 'fs')));
});

t.test('an archive of headers that doesn’t say how make was called is an ImageError', async (t) => {
  const folder = t.testdir();
  const { signal } = new AbortController();
  for (const [index, text] of [undefined, 'CC=gcc', '{"CC": "gcc"}'].entries()) {
    const from = join(folder, `from${index}`);
    await writeFiles(from, text === undefined ? { Makefile: '' } : { [makeWordsFile]: text });
    const headers = join(folder, `${index}.tar.xz`);
    await execa('tar', ['-C', from, '-cJf', headers, '.']);
    const kernel = { id: '', release: '6.1.7', folder, bzImage: '', provenance: '', seconds: 0, headers };
    await t.rejects(
      unpackBuiltHeaders(kernel, join(folder, `to${index}`), signal),
      {
        name: 'ImageError',
        message: "unpacking the headers of 6.1.7: they don't say how make was called",
        where: `${makeWordsFile} in ${headers}`,
      },
      text ?? 'absent',
    );
  }
});

t.test('the same tree, options and tools are built once; any other is built anew', async (t) => {
  const shop = makeWorkshop(t);
  const tree = await toyIn(shop);
  const log = async () => (await stat(join(shop.cache, 'builds/vanilla-6.1.log'))).mtimeMs;
  const { id } = await shop.build({ source: fromFolder(tree) });
  const built = await log();
  t.equal((await shop.build({ source: fromFolder(tree) })).id, id);
  t.equal(await log(), built, 'nothing was compiled');
  const poisoned = await shop.build({ source: fromFolder(tree, { config: { SLUB_DEBUG_ON: 'y' } }) });
  t.match(await readFile(poisoned.config ?? '', 'utf8'), /^CONFIG_SLUB_DEBUG_ON=y$/m);
  await writeFile(join(tree, 'init/main.c'), 'start_kernel2\n');
  const edited = await shop.build({ source: fromFolder(tree) });
  t.equal(new Set([id, poisoned.id, edited.id]).size, 3);
  t.equal((await findKernel(importedName('vanilla-6.1')))?.id, edited.id, 'the row has what was built last');
});

t.test('a patch set is part of the kernel, and one that doesn’t apply leaves nothing', async (t) => {
  const shop = makeWorkshop(t);
  const tree = await toyIn(shop);
  const set = await writeFiles(join(shop.folder, 'set'), {
    'a.patch': '--- a/init/main.c\n+++ b/init/main.c\n@@ -1 +1 @@\n-start_kernel\n+start_patched\n',
    'fs/aufs.c': 'aufs\n',
  });
  const patches = [{ folder: set, apply: ['a.patch'], copy: ['fs'] }];
  const kernel = await shop.build({ source: fromFolder(tree, { patches }) });
  t.match(await readFile(kernel.bzImage, 'utf8'), /^start_patched\n/);
  t.match(kernel.provenance, /patched from/);
  t.equal(await readFile(join(tree, 'init/main.c'), 'utf8'), 'start_kernel\n');
  const before = await inCache(shop);
  await writeFiles(tree, { 'init/main.c': 'other\n' });
  await t.rejects(
    shop.build({ source: fromFolder(tree, { patches }) }),
    /a\.patch doesn't apply: hunk 1 of init\/main\.c/,
  );
  t.same(await inCache(shop), before);
});

t.test('a tree that was built in place is cleaned in its copy, not where it is', async (t) => {
  const shop = makeWorkshop(t);
  const tree = await toyIn(shop, { '.config': 'CONFIG_OLD=y\n' });
  await shop.build({ source: fromFolder(tree) });
  t.equal(await readFile(join(tree, '.config'), 'utf8'), 'CONFIG_OLD=y\n');
});
