import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { importedName } from '../../../harness/kernels/binding.js';
import { buildSupplied } from '../../../harness/kernels/build/build-supplied.js';
import { makeWordsFile, unpackBuiltHeaders } from '../../../harness/kernels/built-headers.js';
import { findKernel } from '../../../harness/kernels/kernel-entries.js';
import { orderModules } from '../../../harness/kernels/modules.js';
import type { KernelRow, TreeSource } from '../../../harness/matrix/types.js';
import { makeWorkshop, toyTree, type Workshop, writeFiles } from './tree-fixture.js';

const fromFolder = (folder: string, over: Partial<TreeSource> = {}): TreeSource => ({
  kind: 'tree',
  folder,
  config: {},
  patches: [],
  ...over,
});

const toyIn = async ({ folder }: Workshop, over = {}) => writeFiles(join(folder, 'toy'), await toyTree(over));

/** Entries, and whatever is under way in the cache. */
const inCache = async ({ cache }: Workshop): Promise<string[]> =>
  (
    await Promise.all(
      ['kernels', 'staging', 'imported'].map((name) => readdir(join(cache, name)).catch(() => [])),
    )
  ).flat();

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

t.test('a failed build shows the failing line, keeps its log and leaves nothing else', async (t) => {
  const shop = makeWorkshop(t);
  const tree = await toyIn(shop, { 'init/main.c': 'broken\n' });
  await t.rejects(shop.build({ source: fromFolder(tree) }), {
    name: 'ImageError',
    message: /^building vanilla-6\.1 failed: init\/main\.c:7:1: error: this is broken$/,
    where: join(shop.cache, 'builds/vanilla-6.1.log'),
  });
  t.match(await readFile(join(shop.cache, 'builds/vanilla-6.1.log'), 'utf8'), /error: this is broken/);
  t.same(await inCache(shop), []);
});

t.test('a stray module that nobody can link is no reason to lose the kernel', async (t) => {
  const shop = makeWorkshop(t);
  const tree = await toyIn(shop, {
    modpost: [
      'WARNING: "usb_register" [drivers/usb/stray.ko] undefined!',
      'WARNING: modpost: "usb_deregister" [drivers/usb/stray.ko] undefined!',
      'WARNING: modpost: Found 1 section mismatch(es).\n',
    ].join('\n'),
    'drivers/usb/Makefile': 'obj-m += stray.o\n',
    'fs/xfs/Makefile': 'obj-$(CONFIG_XFS_FS) += xfs.o\n',
    'ko/fs/xfs/xfs.ko': '\0depends=libcrc32c\0',
  });
  const told = "can't be loaded, for symbols that nothing exports: stray (usb_register and 1 more)";
  const kernel = await shop.build({ source: fromFolder(tree) });
  t.match(kernel, {
    release: '6.1.7-toy',
    provenance: /; modules that can't be loaded: stray \(usb_register and 1 more\)$/,
  });
  t.ok(shop.events.some((event) => event.type === 'image-step' && event.step === told));
});

t.test('one that the configuration asks for is, or one that such a one needs', async (t) => {
  const shop = makeWorkshop(t);
  const refused = async (files: Record<string, string>, message: RegExp) =>
    t.rejects(shop.build({ source: fromFolder(await toyIn(shop, files)) }), {
      name: 'ImageError',
      message,
      where: join(shop.cache, 'builds/vanilla-6.1.log'),
    });
  const makefiles = {
    'fs/xfs/Makefile-linux-6': 'obj-$(CONFIG_XFS_FS)\t+= other.o \\\n  xfs.o\n',
    'lib/Makefile': 'obj-$(CONFIG_LIBCRC32C)\t+= libcrc32c.o\n',
  };
  await refused(
    { ...makefiles, modpost: 'WARNING: modpost: "crc32c" [fs/xfs/xfs.ko] undefined!\n' },
    /asked for can't be loaded, for symbols that nothing exports: xfs \(crc32c\)$/,
  );
  await refused(
    {
      ...makefiles,
      modpost: 'WARNING: "crypto_shash" [lib/crc-32c.ko] undefined!\n',
      'ko/fs/xfs/xfs.ko': '\0depends=libcrc32c\0',
      'ko/lib/libcrc32c.ko': '\0depends=crc_32c\0',
      'ko/lib/crc-32c.ko': '\0depends=\0',
    },
    /: xfs, which needs crc-32c \(crypto_shash\)$/,
  );
  t.same(await inCache(shop), []);
});

t.test('an option that the tree drops is an error before anything is compiled', async (t) => {
  const shop = makeWorkshop(t);
  const makefile = (await toyTree()).Makefile ?? '';
  const dropping = makefile.replace('cp $(KCONFIG_ALLCONFIG)', 'grep -v VETH $(KCONFIG_ALLCONFIG) >');
  const tree = await toyIn(shop, { Makefile: dropping });
  const message = /dropped VETH=y, asked for by base\.config:\d+, came out as not set/;
  await t.rejects(shop.build({ source: fromFolder(tree) }), { name: 'ImageError', message });
  t.same(await inCache(shop), []);
  await t.rejects(
    shop.build({ source: fromFolder(tree, { config: { NOPE: 'y' } }) }),
    /no such option: NOPE/,
  );
});

t.test('a folder that is no kernel for x86, or of another line, is refused with the reason', async (t) => {
  const shop = makeWorkshop(t);
  const tree = await toyIn(shop);
  const refused = (source: TreeSource, message: RegExp) =>
    t.rejects(shop.build({ source }), { name: 'ImageError', message });
  await refused(fromFolder(join(shop.folder, 'nope')), /no such folder/);
  await refused(fromFolder(join(shop.folder, 'cache')), /not a kernel tree: it has no Makefile/);
  await refused(
    fromFolder(await writeFiles(join(shop.folder, 'c'), { Makefile: 'all:\n' })),
    /no kernel version/,
  );
  const arm = await toyTree();
  const { 'arch/x86/Makefile': _, ...without } = arm;
  await refused(fromFolder(await writeFiles(join(shop.folder, 'arm'), without)), /has no arch\/x86/);
  await t.rejects(shop.build({ source: fromFolder(tree), rowId: 'vanilla-3.2', line: '3.2' }), {
    message: /the tree is of 6\.1\.7, and vanilla-3\.2 is a row of the line 3\.2/,
  });
  await refused(
    { kind: 'tree', supplied: true, config: {}, patches: [] },
    /no public place to fetch it from/,
  );
  t.same(await inCache(shop), []);
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

t.test('a row that requires AUFS is never built without it', async (t) => {
  const shop = makeWorkshop(t);
  const { 'arch/x86/Kconfig': options = '' } = await toyTree();
  const kconfig = options.replace(/config AUFS_FS\n\tbool\n/, '');
  const tree = await toyIn(shop, { 'arch/x86/Kconfig': kconfig });
  const source = fromFolder(tree);
  const require = { AUFS_FS: 'y' };
  const refusal = {
    name: 'ImageError',
    message: 'vanilla-6.1 requires AUFS_FS=y, and its configuration came out without',
    remedy: /--patch-set/,
  };
  await t.rejects(shop.build({ source: { ...source, require } }), refusal);
  t.notMatch(await readFile(join(shop.cache, 'builds/vanilla-6.1.log'), 'utf8'), /CC /, 'nothing compiled');
  t.same(await inCache(shop), []);
  const module = fromFolder(await toyIn(shop), { config: { AUFS_FS: 'm' } });
  await t.rejects(
    shop.build({ source: { ...module, require } }),
    refusal,
    'a module would have to be loaded first',
  );
  await toyIn(shop, { 'arch/x86/Kconfig': kconfig });
  const { id } = await shop.build({ source });
  await t.rejects(
    shop.build({ source: { ...source, require } }),
    refusal,
    'nor is such a one of an earlier build taken',
  );
  t.equal((await findKernel(importedName('vanilla-6.1')))?.id, id, 'the name stays as it was');
  await toyIn(shop, { 'arch/x86/Kconfig': options });
  const withAufs = await shop.build({ source: { ...source, require } });
  // what a row is called decides nothing
  t.equal((await shop.build({ source, flavour: 'vanilla+aufs' })).id, withAufs.id);
  t.match(await readFile(withAufs.config ?? '', 'utf8'), /^CONFIG_AUFS_FS=y$/m);
});

t.test('a tree that was built in place is cleaned in its copy, not where it is', async (t) => {
  const shop = makeWorkshop(t);
  const tree = await toyIn(shop, { '.config': 'CONFIG_OLD=y\n' });
  await shop.build({ source: fromFolder(tree) });
  t.equal(await readFile(join(tree, '.config'), 'utf8'), 'CONFIG_OLD=y\n');
});

t.test('a build that is interrupted ends with the reason and leaves nothing', async (t) => {
  const shop = makeWorkshop(t);
  const makefile = (await toyTree()).Makefile ?? '';
  const tree = await toyIn(shop, {
    Makefile: makefile.replace('bzImage:\n', 'bzImage:\n\t@echo "  CC      a.o"; sleep 600\n'),
  });
  const controller = new AbortController();
  const building = shop.build({
    source: fromFolder(tree),
    signal: controller.signal,
    onEvent: (event) => {
      if (event.type === 'image-progress') controller.abort(new Error('enough'));
    },
  });
  await t.rejects(building, { message: 'enough' });
  t.same(await inCache(shop), []);
});

t.test('the words of the command line become a source', async (t) => {
  const shop = makeWorkshop(t);
  const tree = await toyIn(shop);
  const row: KernelRow = {
    id: 'vanilla-6.1',
    line: '6.1',
    flavour: 'vanilla',
    source: { kind: 'tree', supplied: true, config: {}, patches: [] },
    bootArguments: [],
    verified: false,
  };
  const { signal } = new AbortController();
  const build = (over: Partial<Parameters<typeof buildSupplied>[0]>) =>
    buildSupplied({ row, jobs: 1, onEvent: () => {}, signal, ...over });
  const kernel = await build({ tree, config: ['CONFIG_SLUB_DEBUG_ON=y'] });
  t.match(await readFile(kernel.config ?? '', 'utf8'), /SLUB_DEBUG_ON=y/);
  t.equal((await build({ tree: shop.folder, folder: 'toy', config: ['SLUB_DEBUG_ON=y'] })).id, kernel.id);
  await t.rejects(build({ tree, config: ['SLUB_DEBUG_ON'] }), { name: 'UsageError' });
  await t.rejects(build({ commit: 'HEAD' }), { name: 'UsageError' });
  await t.rejects(build({ tree: join(tree, 'Kconfig'), commit: 'HEAD' }), { name: 'UsageError' });
  await t.rejects(build({ tree: join(tree, 'nope') }), { name: 'UsageError' });
  const tarball = { url: 'file:///absent/linux-6.1.tar.xz', sha256: null };
  const refused = async (over: Parameters<typeof build>[0], error: object) =>
    t.match(await build(over).catch((reason: unknown) => reason), error);
  await refused(
    {},
    {
      name: 'ImageError',
      where: undefined,
      remedy: /^build it: kmatrix images build vanilla-6\.1 --tree FOLDER$/,
    },
  );
  await refused(
    { row: { ...row, source: { ...row.source, require: { AUFS_FS: 'y' } } as TreeSource } },
    {
      name: 'ImageError',
      where: undefined,
      remedy: /build vanilla-6\.1 --tree FOLDER, and --patch-set where that lacks AUFS_FS/,
    },
  );
  await refused(
    { row: { ...row, source: { kind: 'tree', tarball, config: {}, patches: [] } } },
    { name: 'ImageError', remedy: /; or give a tree: kmatrix images build vanilla-6\.1 --tree FOLDER$/ },
  );
  const imported = { ...row, source: { kind: 'imported', name: 'vanilla-6.1' } } as const;
  t.equal((await build({ row: imported, tree, config: ['SLUB_DEBUG_ON=y'] })).id, kernel.id, 'its own name');
  await refused(
    { row: { ...imported, id: 'own' }, tree },
    { name: 'UsageError', message: /own is a row of the kind imported: it has no tree/ },
  );
});
