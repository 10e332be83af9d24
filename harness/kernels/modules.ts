import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { KernelEntry } from './types.js';

/** What of the wanted modules a kernel has, and in which order to load it. */
export interface ModuleOrder {
  /** Paths below lib/modules/RELEASE, as packaged (maybe compressed): each after all that it needs. */
  readonly paths: readonly string[];
  /** Wanted ones that are part of the kernel itself. */
  readonly builtin: readonly string[];
  /** Wanted ones that this kernel has neither way; before 2.6.33 kernels don't list what is built in. */
  readonly absent: readonly string[];
}

/**
 * Load order for modules by name or alias (`veth`, `fs-overlay`), with everything they need: modules.dep for symbols,
 * modules.softdep for what is asked for by name at run time (btrfs wants a crc32c).
 */
export async function orderModules(kernel: KernelEntry, wanted: readonly string[]): Promise<ModuleOrder> {
  const index = await readIndex(kernel);
  const paths = new Set<string>();
  const builtin = new Set<string>();
  const absent = new Set<string>();
  for (const name of wanted) {
    if (!add(name, index, paths, new Set())) (isBuiltin(name, index) ? builtin : absent).add(name);
  }
  return { paths: [...paths], builtin: [...builtin], absent: [...absent] };
}

/** File name that the module has in an initramfs: veth.ko of kernel/drivers/net/veth.ko.xz. */
export const plainModuleName = (path: string): string => basename(path).replace(/(\.ko)\..*$/, '$1');

/** Suffix of its compression, '' for none. */
export const moduleCompression = (path: string): string => (path.endsWith('.ko') ? '' : extname(path));

interface ModuleIndex {
  /** Module name → its path and the paths it needs, in load order. */
  readonly modules: ReadonlyMap<string, { readonly path: string; readonly needs: readonly string[] }>;
  readonly aliases: ReadonlyMap<string, readonly string[]>;
  readonly soft: ReadonlyMap<
    string,
    { readonly before: readonly string[]; readonly after: readonly string[] }
  >;
  readonly builtin: ReadonlySet<string>;
}

function add(name: string, index: ModuleIndex, paths: Set<string>, visiting: Set<string>): boolean {
  const aliases = index.aliases.get(name) ?? index.aliases.get(canonical(name)) ?? [];
  const candidates = [canonical(name), ...aliases].filter((candidate) => index.modules.has(candidate));
  // of several implementations of a cipher the one that doesn't ask for a CPU feature
  const module = candidates.find((candidate) => candidate.endsWith('_generic')) ?? candidates[0];
  const found = module === undefined ? undefined : index.modules.get(module);
  if (module === undefined || found === undefined) return false;
  if (visiting.has(module)) return true;
  visiting.add(module);
  const soft = index.soft.get(module);
  for (const other of soft?.before ?? []) addSoft(other, index, paths, visiting);
  for (const path of found.needs) {
    // a needed module's own soft dependencies count too; its place among the hard ones is the path's
    add(moduleName(path), index, paths, visiting);
    paths.add(path);
  }
  paths.add(found.path);
  for (const other of soft?.after ?? []) addSoft(other, index, paths, visiting);
  return true;
}

/** A cipher that the kernel has built in needs no faster sister, which might ask for a CPU feature. */
function addSoft(name: string, index: ModuleIndex, paths: Set<string>, visiting: Set<string>): void {
  if (!isBuiltin(name, index) && !isBuiltin(`${name}_generic`, index)) add(name, index, paths, visiting);
}

const isBuiltin = (name: string, { builtin, aliases }: ModuleIndex): boolean =>
  [canonical(name), ...(aliases.get(name) ?? [])].some((candidate) => builtin.has(candidate));

/** Module names treat - and _ as one (modprobe(8)). */
const canonical = (name: string): string => name.replaceAll('-', '_');
const moduleName = (path: string): string => canonical(plainModuleName(path).replace(/\.ko$/, ''));

async function readIndex({ modules, release }: KernelEntry): Promise<ModuleIndex> {
  const lines = async (file: string): Promise<string[]> => {
    if (modules === undefined) return [];
    const text = await readFile(join(modules, 'lib/modules', release, file), 'utf8').catch(() => '');
    return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  };
  return {
    modules: parseDependencies(await lines('modules.dep')),
    aliases: parseAliases(await lines('modules.alias')),
    soft: parseSoft(await lines('modules.softdep')),
    builtin: new Set((await lines('modules.builtin')).map(moduleName)),
  };
}

/** `PATH: NEEDS…`, the last needed first (modules.dep(5)). */
function parseDependencies(lines: readonly string[]): ModuleIndex['modules'] {
  return new Map(
    lines.flatMap((line) => {
      const colon = line.indexOf(':');
      if (colon < 0) return [];
      const path = line.slice(0, colon);
      const needs = line
        .slice(colon + 1)
        .split(' ')
        .filter(Boolean)
        .reverse();
      return [[moduleName(path), { path, needs }] as const];
    }),
  );
}

/** `alias NAME MODULE`; patterns over hardware ids are of no use to a machine whose hardware is known. */
function parseAliases(lines: readonly string[]): ModuleIndex['aliases'] {
  const aliases = new Map<string, string[]>();
  for (const line of lines) {
    const [, name, module] = /^alias ([^\s*?[]+) (\S+)$/.exec(line) ?? [];
    if (name !== undefined && module !== undefined) {
      aliases.set(name, [...(aliases.get(name) ?? []), canonical(module)]);
    }
  }
  return aliases;
}

/** `softdep NAME pre: A B post: C` (modprobe.d(5)), and what old kernels need and don't say. */
function parseSoft(lines: readonly string[]): ModuleIndex['soft'] {
  // its init asks the crypto layer for crc32c, which asks user space: up to 3.x without a word in the module
  const soft = new Map([['libcrc32c', { before: ['crc32c'], after: [] as string[] }]]);
  for (const line of lines) {
    const [, name, rest] = /^softdep (\S+) (.*)$/.exec(line) ?? [];
    if (name === undefined || rest === undefined) continue;
    const list = soft.get(canonical(name)) ?? { before: [], after: [] };
    let into = list.before;
    for (const word of rest.split(/\s+/)) {
      if (word === 'pre:') into = list.before;
      else if (word === 'post:') into = list.after;
      else if (word !== '') into.push(word);
    }
    soft.set(canonical(name), list);
  }
  return soft;
}
