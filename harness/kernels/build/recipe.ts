import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sha256, sha256File } from '../../host/hash.js';
import { projectRoot } from '../../host/project.js';
import { canonicalJson } from '../../matrix/canonical-json.js';
import type { TreeSource } from '../../matrix/types.js';
import { type KernelVersion, lineOf } from '../../versions/kernel-version.js';
import { filesFolder } from './apply-quirks.js';
import { mergeOptions, type RequestedOption, readFragment, requestedByRow } from './fragment.js';
import type { OpenedTree } from './opened-tree.js';
import { type OptionNames, readOptionNames } from './option-names.js';
import { type Quirk, quirksFor } from './quirks.js';
import type { Toolchain } from './toolchain.js';

/** Everything that decides what comes out of building a tree, known before anything is copied or compiled. */
export interface Recipe {
  readonly version: KernelVersion;
  readonly requests: readonly RequestedOption[];
  readonly names: OptionNames;
  readonly quirks: readonly Quirk[];
  /** Same key, same kernel: a hash over all of this, the tree, its patches and the toolchain. */
  readonly key: string;
}

/**
 * @param patchSets the opened sets of `source.patches`, in order
 * @throws ImageError where a data file under images/kernels doesn't parse, UsageError for a malformed option of the row
 */
export async function makeRecipe(
  rowId: string,
  version: KernelVersion,
  source: TreeSource,
  tree: OpenedTree,
  patchSets: readonly OpenedTree[],
  toolchain: Toolchain,
): Promise<Recipe> {
  const asked = await askedOf(rowId, version, source, toolchain.gccMajor);
  const sets = await Promise.all(patchSets.map(({ hash }) => hash()));
  const key = sha256(
    canonicalJson({
      format: 2,
      tree: await tree.hash(),
      patches: source.patches.map(({ apply, copy }, index) => ({ apply, copy, set: sets[index] })),
      asked: asked.key,
      toolchain: toolchain.identity,
    }),
  );
  return { ...asked, version, key };
}

/**
 * A hash over what kmatrix and a row ask of a kernel of this version, whatever tree and compiler it is built from: a
 * kernel that was built when it was another one is out of date.
 *
 * @throws as makeRecipe
 */
export async function askedKey(rowId: string, version: KernelVersion, source: TreeSource): Promise<string> {
  const { key } = await askedOf(rowId, version, source, Number.POSITIVE_INFINITY);
  return sha256(canonicalJson({ asked: key, patches: source.patches }));
}

/** @param gcc major version of the compiler: quirks of later ones don't count */
async function askedOf(
  rowId: string,
  version: KernelVersion,
  source: TreeSource,
  gcc: number,
): Promise<Omit<Recipe, 'version'>> {
  const quirks = await quirksFor(version, gcc);
  const names = await readOptionNames();
  const requests = mergeOptions([
    ...(await readFragment(join(configFolder, 'base.config'), 'base.config', version)),
    ...(await lineFragment(version)),
    ...requestedByRow(source.config, `config of ${rowId}`),
  ]);
  const added = [...new Set(quirks.flatMap(({ files }) => files.map(({ from }) => from)))];
  const files = await Promise.all(added.map((file) => sha256File(join(filesFolder, file))));
  // whether a kernel may come out without an option changes what is refused, not what is built
  const options = requests.map(({ name, value }) => ({ name, value }));
  return { requests, names, quirks, key: sha256(canonicalJson({ options, names, quirks, files })) };
}

const configFolder = join(projectRoot, 'images/kernels/config');

/** images/kernels/config/3.10.config, where a line needs one. */
async function lineFragment(version: KernelVersion): Promise<RequestedOption[]> {
  const name = `${lineOf(version)}.config`;
  const file = join(configFolder, name);
  return existsSync(file) ? readFragment(file, name, version) : [];
}
