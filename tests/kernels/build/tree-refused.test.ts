import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { importedName } from '../../../harness/kernels/binding.js';
import { findKernel } from '../../../harness/kernels/kernel-entries.js';
import type { TreeSource } from '../../../harness/matrix/types.js';
import { fromFolder, inCache, makeWorkshop, toyIn, toyTree, writeFiles } from './tree-fixture.js';

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
  const told = "can't be loaded, as they need symbols that nothing exports: stray (usb_register and 1 more)";
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
    /asked for can't be loaded, as they need symbols that nothing exports: xfs \(crc32c\)$/,
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
