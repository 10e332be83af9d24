import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { withStaging } from '../../cache/staging.js';
import { cacheFolder } from '../../host/cache.js';
import { coresHere } from '../../host/cores.js';
import { withFileErrors } from '../../host/file-errors.js';
import { withLock } from '../../host/lock.js';
import type { TreeSource } from '../../matrix/types.js';
import type { KernelVersion } from '../../versions/kernel-version.js';
import { importedName, type KernelName, writeBinding } from '../binding.js';
import { defaultPatience, type FetchContext } from '../fetch/context.js';
import { findKernel, publishKernel } from '../kernel-entries.js';
import type { ImageEvent, KernelEntry } from '../types.js';
import { checkRequired } from './check-required.js';
import { type CompiledKernel, compileKernel } from './compile-kernel.js';
import { readCoreFiles } from './core-files.js';
import { openPatchSet } from './open-tree.js';
import type { OpenedTree } from './opened-tree.js';
import { prepareSource } from './prepare-source.js';
import { progressOf } from './progress.js';
import { askedKey, makeRecipe, type Recipe } from './recipe.js';
import { openRowTree, type RowTree } from './row-tree.js';
import { findToolchain, type Toolchain } from './toolchain.js';
import { type TreeCore, treeCore } from './tree-core.js';
import { unusableText } from './unusable-modules.js';

export interface TreeBuild extends RowTree {
  /** As the row has it. */
  readonly flavour: string;
  /** The row's source as matrix.yml has it, where a person gave another one to build from. */
  readonly written?: TreeSource;
  /** Folder that relative paths of the source are relative to; the current one by default. */
  readonly baseFolder?: string;
  /** Jobs of make; the host's cores by default. */
  readonly jobs?: number;
  readonly offline?: boolean;
  readonly onEvent: (event: ImageEvent) => void;
  readonly signal: AbortSignal;
}

/**
 * Builds a kernel from source into the cache, or finds the one built before from the same tree, patches, options and
 * tools. The user's tree is only read. The log stays in the cache, builds/ROW.log, of a failed build too.
 *
 * @throws ImageError where the tree can't be had, isn't what the row says, can't be patched, configured as asked, or
 *   compiled (with the failing lines); HostError for missing tools or space; UsageError for a malformed option, or a
 *   tree of the command line that isn't what the row says
 */
export async function buildTree(build: TreeBuild): Promise<KernelEntry> {
  const { rowId, source, onEvent, signal, baseFolder = process.cwd() } = build;
  const started = performance.now();
  const step = (text: string): void => onEvent({ type: 'image-step', kernel: rowId, step: text });
  const context: FetchContext = {
    kernel: rowId,
    signal,
    onEvent,
    offline: build.offline ?? false,
    patience: defaultPatience,
  };
  step('look at the tree');
  const toolchain = await findToolchain(signal);
  const { tree, version } = await openRowTree(build, baseFolder, context);
  const patchSets: OpenedTree[] = [];
  for (const set of source.patches) patchSets.push(await openPatchSet(set, baseFolder, signal));
  const recipe = await makeRecipe(rowId, version, source, tree, patchSets, toolchain);
  // with the recipe: what is asked for while it compiles is not in it
  const asked = await askedKey(rowId, version, build.written ?? source);
  const name: KernelName = { space: 'rows', name: rowId, key: recipe.key };
  const lock = join(await cacheFolder('locks'), `build-${recipe.key.slice(0, 16)}`);
  const kernel = await withLock(
    lock,
    async () =>
      (await findBuilt(name, build)) ??
      (await compile(build, name, { tree, patchSets, recipe, toolchain, started, step })),
    { onWait: () => step('waiting for another build of the same kernel'), signal },
  );
  const { id, provenance, seconds } = kernel;
  const known = kernel.core ?? (await lateCore(tree, version));
  // that it is signed may be known only now
  const core: TreeCore = { ...known, ...(tree.isSigned && { signed: true as const }) };
  if (kernel.core === undefined) await writeBinding(name, { entry: id, provenance, seconds, core });
  await writeBinding(importedName(rowId), { entry: id, provenance, seconds, asked, core });
  return { ...kernel, core };
}

/** Of a kernel that was built before its tree's core was recorded; the tree is the same, or it would be another kernel. */
async function lateCore(tree: OpenedTree, version: KernelVersion): Promise<TreeCore> {
  return withStaging(async (scratch) => {
    await tree.copyTo(scratch);
    return treeCore(version.join('.'), await readCoreFiles(scratch));
  });
}

/** Built before from the same parts. A cache may hold one from before the row required an option. */
async function findBuilt(name: KernelName, build: TreeBuild): Promise<KernelEntry | undefined> {
  const found = await findKernel(name);
  if (found?.config !== undefined) checkRequired(await readFile(found.config, 'utf8'), build, found.config);
  return found;
}

interface Parts {
  readonly tree: OpenedTree;
  readonly patchSets: readonly OpenedTree[];
  readonly recipe: Recipe;
  readonly toolchain: Toolchain;
  readonly started: number;
  readonly step: (text: string) => void;
}

async function compile(build: TreeBuild, name: KernelName, parts: Parts): Promise<KernelEntry> {
  const { rowId, source, signal, jobs = coresHere(), onEvent } = build;
  const { tree, patchSets, recipe, toolchain, started, step } = parts;
  const log = join(await cacheFolder('builds'), `${rowId.replace(/[^\w.+-]/g, '_')}.log`);
  const progress = await progressOf(rowId, log, onEvent);
  await withFileErrors(log, () => rm(log, { force: true }));
  return withStaging(async (scratch) => {
    step('copy the tree');
    const { absent, core } = await prepareSource(
      scratch,
      tree,
      source,
      patchSets,
      recipe.quirks,
      toolchain.gccMajor,
      signal,
    );
    if (absent.length > 0) {
      step(`the repository lacks ${absent.length} file(s): ${absent.slice(0, 3).join(', ')}`);
    }
    step('compile');
    const options = { jobs, log, signal, purpose: `building ${rowId}`, onObject: progress.onObject };
    const check = (config: string): void => checkRequired(config, build, log);
    const compiled = await compileKernel(scratch, recipe, toolchain, options, check);
    await progress.remember(compiled.objects);
    if (compiled.without.length > 0) step(`without ${compiled.without.join(', ')}`);
    const unusable = compiled.unusable.map(unusableText);
    if (unusable.length > 0)
      step(`can't be loaded, as they need symbols that nothing exports: ${unusable.join(', ')}`);
    return publishKernel(name, {
      folder: compiled.folder,
      release: compiled.release,
      provenance: provenanceOf(build.flavour, compiled, parts),
      core: treeCore(recipe.version.join('.'), core),
      seconds: Math.round((performance.now() - started) / 100) / 10,
    });
  });
}

function provenanceOf(
  flavour: string,
  { release, unusable }: CompiledKernel,
  { tree, patchSets, toolchain }: Parts,
): string {
  const patches =
    patchSets.length > 0
      ? `, patched from ${patchSets.map(({ description }) => description).join(' and ')}`
      : '';
  const lame =
    unusable.length > 0 ? `; modules that can't be loaded: ${unusable.map(unusableText).join(', ')}` : '';
  return `${flavour} ${release}, built from ${tree.description}${patches}, gcc ${toolchain.gcc}${lame}`;
}
