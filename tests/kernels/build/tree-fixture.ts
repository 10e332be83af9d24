import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import { projectRoot } from '../../../harness/host/project.js';
import { buildTree, type TreeBuild } from '../../../harness/kernels/build/build-tree.js';
import type { ImageEvent, KernelEntry } from '../../../harness/kernels/types.js';
import type { TreeSource } from '../../../harness/matrix/types.js';

/** Files by path. */
export type Files = Readonly<Record<string, string>>;

/** Writes files below a folder and answers with the folder. */
export async function writeFiles(folder: string, files: Files): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/**
 * A tree with a kernel's interface and none of its size: its Makefile configures and "compiles" as kbuild is asked to,
 * and says what it was called with. Of 6.1, which needs none of the quirks.
 */
export async function toyTree(over: Files = {}): Promise<Files> {
  const base = await readFile(join(projectRoot, 'images/kernels/config/base.config'), 'utf8');
  const names = [...base.matchAll(/^(\w+)=/gm)].map(([, name]) => name);
  return {
    Makefile: toyMakefile,
    Kconfig: `mainmenu "Toy"\nsource "arch/$(SRCARCH)/Kconfig"\n`,
    'arch/x86/Kconfig': [...names, 'SLUB_DEBUG_ON'].map((name) => `config ${name}\n\tbool\n`).join(''),
    'arch/x86/Makefile': '',
    'init/main.c': 'start_kernel\n',
    ...over,
  };
}

const toyMakefile = `VERSION = 6
PATCHLEVEL = 1
SUBLEVEL = 7
EXTRAVERSION =

.PHONY: allnoconfig bzImage modules modules_install mrproper
allnoconfig:
	cp $(KCONFIG_ALLCONFIG) $(O)/.config
mrproper:
	rm -rf .config include
bzImage:
	@test ! -e .config || { echo "The source tree is not clean"; false; }
	@echo "  CC      init/main.o"
	@! grep -n broken init/main.c || { echo "init/main.c:7:1: error: this is broken"; false; }
	@mkdir -p $(O)/arch/x86/boot $(O)/include/config
	@{ cat init/main.c; echo '$(CC)|$(LD)|$(ARCH)|$(CROSS_COMPILE)'; env; } > $(O)/arch/x86/boot/bzImage
	@seq 1000 > $(O)/System.map
	@cp init/main.c $(O)/vmlinux
	@echo 6.1.7-toy > $(O)/include/config/kernel.release
ifdef M
modules:
	cp $(M)/kmatrix_bad.c $(M)/kmatrix_bad.ko
	@test -e include/linux/module.h && echo '$(CC)|$(ARCH)' >> $(M)/kmatrix_bad.ko
else
modules: bzImage
	@test ! -e modpost || test -n '$(KBUILD_MODPOST_WARN)' || { cat modpost; false; }
	@test ! -e modpost || cat modpost
	@echo "0x1234 printk vmlinux EXPORT_SYMBOL" > $(O)/Module.symvers
endif
modules_install:
	@mkdir -p $(INSTALL_MOD_PATH)/lib/modules/6.1.7-toy
	@ln -s $(O) $(INSTALL_MOD_PATH)/lib/modules/6.1.7-toy/build
	@echo kernel/drivers/block/loop.ko > $(INSTALL_MOD_PATH)/lib/modules/6.1.7-toy/modules.builtin
	@touch $(INSTALL_MOD_PATH)/lib/modules/6.1.7-toy/modules.order
	@test ! -e ko || cp -r ko $(INSTALL_MOD_PATH)/lib/modules/6.1.7-toy/kernel
`;

export interface Workshop {
  readonly folder: string;
  readonly cache: string;
  readonly events: ImageEvent[];
  readonly build: (over: Partial<TreeBuild> & Pick<TreeBuild, 'source'>) => Promise<KernelEntry>;
}

/** A cache of its own and an empty folder for trees; gone with the test. */
export function makeWorkshop(t: Test): Workshop {
  const folder = t.testdir({ cache: {} });
  const before = process.env.KMATRIX_CACHE;
  process.env.KMATRIX_CACHE = join(folder, 'cache');
  t.teardown(() => {
    if (before === undefined) delete process.env.KMATRIX_CACHE;
    else process.env.KMATRIX_CACHE = before;
  });
  const events: ImageEvent[] = [];
  const build: Workshop['build'] = (over) =>
    buildTree({
      rowId: 'vanilla-6.1',
      line: '6.1',
      flavour: 'vanilla',
      jobs: 1,
      onEvent: (event) => events.push(event),
      signal: new AbortController().signal,
      ...over,
    });
  return { folder, cache: join(folder, 'cache'), events, build };
}

export const fromFolder = (folder: string, over: Partial<TreeSource> = {}): TreeSource => ({
  kind: 'tree',
  folder,
  config: {},
  patches: [],
  ...over,
});

export const toyIn = async ({ folder }: Workshop, over = {}) =>
  writeFiles(join(folder, 'toy'), await toyTree(over));

/** Entries, and whatever is under way in the cache. */
export const inCache = async ({ cache }: Workshop): Promise<string[]> =>
  (
    await Promise.all(
      ['kernels', 'staging', 'imported'].map((name) => readdir(join(cache, name)).catch(() => [])),
    )
  ).flat();
