import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageError } from '../../errors.js';
import { headersFile } from '../built-headers.js';
import { configure } from './configure.js';
import { keepHeaders } from './keep-headers.js';
import { makeCall } from './make-words.js';
import { wasBuiltInPlace } from './prepare-source.js';
import type { Recipe } from './recipe.js';
import { type MakeOptions, runMake } from './run-make.js';
import type { Toolchain } from './toolchain.js';
import { checkAskedModules, type UnusableModule, UnusableModules } from './unusable-modules.js';

export interface CompiledKernel {
  /** Holds bzImage, vmlinux, config, System.map, headers.tar.xz, and modules in modules/lib/modules/RELEASE. */
  readonly folder: string;
  readonly release: string;
  readonly objects: number;
  /** Optional requests that this kernel came out without. */
  readonly without: readonly string[];
  /** Built, and of no use: none that is asked for, and none that those need. */
  readonly unusable: readonly UnusableModule[];
}

/**
 * Configures and compiles `scratch/source`, out of tree.
 *
 * @param check throws where the text of the .config isn't what is wanted, before anything is compiled
 * @throws ImageError with the line that failed, or the modules asked for that can't be loaded; as `check`
 */
export async function compileKernel(
  scratch: string,
  recipe: Recipe,
  toolchain: Toolchain,
  options: Omit<MakeOptions, 'targets' | 'environment'>,
  check: (config: string) => void,
): Promise<CompiledKernel> {
  const [source, build, folder] = [join(scratch, 'source'), join(scratch, 'build'), join(scratch, 'result')];
  await mkdir(build);
  await mkdir(folder);
  const call = makeCall(scratch, source, build, recipe.quirks, toolchain);
  if (wasBuiltInPlace(source)) {
    const inPlace = { ...call, words: call.words.filter((word) => !word.startsWith('O=')) };
    await runMake(inPlace, { ...options, targets: ['mrproper'] });
  }
  const without = await configure(call, recipe.requests, recipe.names, options);
  check(await readFile(join(build, '.config'), 'utf8'));
  // some public copies of a tree carry modules of their owners that no option turns off, and whose symbols nobody has: such
  // a module can't be loaded, which is no reason to lose the kernel
  const lenient = { ...call, words: [...call.words, 'KBUILD_MODPOST_WARN=1'] };
  const unusable = new UnusableModules();
  const objects = await runMake(lenient, {
    ...options,
    targets: ['bzImage', 'modules'],
    onLine: unusable.see,
  });
  const release = (await readFile(join(build, 'include/config/kernel.release'), 'utf8')).trim();
  for (const [from, to] of results) {
    if (!existsSync(join(build, from))) {
      throw new ImageError(`the build succeeded but made no ${from}`, { where: options.log });
    }
    await copyFile(join(build, from), join(folder, to));
  }
  // depmod runs when the kernel is published; here an old tree's script would call it in a way that kmod refuses
  const install = [...call.words, `INSTALL_MOD_PATH=${join(folder, 'modules')}`, 'DEPMOD=/bin/true'];
  await runMake({ ...call, words: install }, { ...options, targets: ['modules_install'] });
  await checkAskedModules(unusable.list, recipe, source, join(folder, 'modules'), options.log);
  await keepHeaders(call, recipe.quirks, join(folder, headersFile), options);
  return { folder, release, objects, without, unusable: unusable.list };
}

const results = [
  ['arch/x86/boot/bzImage', 'bzImage'],
  ['.config', 'config'],
  ['System.map', 'System.map'],
  // its symbols, for gdb and crash
  ['vmlinux', 'vmlinux'],
] as const;
