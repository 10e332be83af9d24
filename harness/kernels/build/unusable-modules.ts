import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ImageError } from '../../errors.js';
import { printable } from '../../host/printable.js';
import type { RequestedOption } from './fragment.js';
import type { OptionNames } from './option-names.js';

/** A module that no kernel of this build can load: nothing in it exports these symbols. */
export interface UnusableModule {
  /** Path in the tree, without .ko: drivers/usb/class/cdc-acm. */
  readonly module: string;
  readonly symbols: readonly string[];
}

/** Collects what modpost says of modules whose symbols nobody has. */
export class UnusableModules {
  readonly #symbols = new Map<string, Set<string>>();

  /** @param line of make's output */
  readonly see = (line: string): void => {
    const [, symbol, module] = unresolved.exec(line) ?? [];
    if (symbol === undefined || module === undefined) return;
    const seen = this.#symbols.get(module) ?? new Set();
    this.#symbols.set(module, seen.add(symbol));
  };

  get list(): readonly UnusableModule[] {
    return [...this.#symbols].map(([module, symbols]) => ({ module, symbols: [...symbols] }));
  }
}

/** `WARNING: "usb_register" [drivers/usb/x.ko] undefined!`; `modpost:` before the symbol since 5.5. */
const unresolved = /^(?:WARNING|ERROR):(?: modpost:)? "([^"]+)" \[([^\]]+?)(?:\.ko)?\] undefined!/;

/** x (usb_register and 2 more) */
export const unusableText = ({ module, symbols: [first = '', ...others] }: UnusableModule): string =>
  printable(`${basename(module)} (${first}${others.length > 0 ? ` and ${others.length} more` : ''})`, 100);

/**
 * Refuses a kernel whose configuration asks for modules that can't be loaded, of their own or because one that they need
 * can't.
 *
 * @param tree the source, whose Makefiles say which option a module is built for
 * @param installed folder of the installed modules
 * @param where for the error: the log
 * @throws ImageError naming each such module and its first symbol
 */
export async function checkAskedModules(
  unusable: readonly UnusableModule[],
  { requests, names }: { readonly requests: readonly RequestedOption[]; readonly names: OptionNames },
  tree: string,
  installed: string,
  where: string,
): Promise<void> {
  if (unusable.length === 0) return;
  const asked = new Set(
    requests
      .filter(({ value }) => value !== 'n')
      .flatMap(({ name }) => names.find((aliases) => aliases.includes(name)) ?? [name]),
  );
  const isAsked = async (module: string): Promise<boolean> => {
    const option = await optionOf(tree, module.replace(/\.ko$/, ''));
    return option !== undefined && asked.has(option);
  };
  const broken = new Map(unusable.map((one) => [nameOf(one.module), one]));
  const paths = await modulesIn(installed);
  const needs = new Map<string, readonly string[]>();
  for (const path of paths) needs.set(nameOf(path), await needsOf(join(installed, path)));
  const refused = new Map<string, string>();
  for (const one of unusable) {
    if (await isAsked(one.module)) refused.set(nameOf(one.module), unusableText(one));
  }
  for (const path of paths) {
    const name = nameOf(path);
    const first = allNeeded(name, needs).flatMap((other) => broken.get(other) ?? [])[0];
    if (first === undefined || refused.has(name) || !(await isAsked(path.replace(/^.*?\/kernel\//, ''))))
      continue;
    refused.set(name, `${name}, which needs ${unusableText(first)}`);
  }
  if (refused.size === 0) return;
  throw new ImageError(
    `modules that are asked for can't be loaded, as they need symbols that nothing exports: ${[...refused.values()].join('; ')}`,
    { where, remedy: 'ask also for the option that has the symbol, or leave the module out' },
  );
}

/** As other modules name it (modprobe(8)): _ for -, no folder, no .ko. */
const nameOf = (path: string): string => basename(path, '.ko').replaceAll('-', '_');

const modulesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true }).catch((): string[] => [])).filter((path) =>
    path.endsWith('.ko'),
  );

/** What modpost wrote into the module: those whose symbols it uses (modinfo -F depends), and not what these need. */
async function needsOf(file: string): Promise<string[]> {
  const [, list = ''] = /\0depends=([\w,-]*)\0/.exec(await readFile(file, 'latin1')) ?? [];
  return list.split(',').filter(Boolean).map(nameOf);
}

/** What a module needs, and what that needs, without the module itself. */
function allNeeded(name: string, needs: ReadonlyMap<string, readonly string[]>): string[] {
  const seen = new Set([name]);
  for (const one of seen) for (const other of needs.get(one) ?? []) seen.add(other);
  return [...seen].slice(1);
}

/** `obj-$(CONFIG_XFS_FS) += xfs.o`; undefined where no option decides. */
async function optionOf(tree: string, module: string): Promise<string | undefined> {
  const folder = join(tree, dirname(module));
  const files = await readdir(folder).catch((): string[] => []);
  for (const file of files.filter((name) => /^(Kbuild|Makefile)/.test(name))) {
    const text = (await readFile(join(folder, file), 'utf8')).replaceAll('\\\n', ' ');
    for (const [, option, objects = ''] of text.matchAll(/^obj-\$\(CONFIG_(\w+)\)\s*[:+]?=(.*)$/gm))
      if (objects.split(/\s+/).includes(`${basename(module)}.o`)) return option;
  }
  return undefined;
}
