import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageError } from '../../errors.js';
import type { TreeSource } from '../../matrix/types.js';
import { applyPatches } from './apply-patches.js';
import { applyQuirks } from './apply-quirks.js';
import { type CoreFiles, readCoreFiles } from './core-files.js';
import type { OpenedTree } from './opened-tree.js';
import type { Quirk } from './quirks.js';

export interface PreparedSource {
  /** Files that the tree's own source lacks. */
  readonly absent: readonly string[];
  /** As the tree came, before patches and quirks. */
  readonly core: CoreFiles;
}

/**
 * Makes the scratch copy that is built: the tree, its patch sets in order, and what today's tools need of it.
 *
 * @param scratch an existing folder; the copy becomes `source` in it
 * @throws ImageError where the tree isn't one for x86, a patch doesn't apply or a quirk's text isn't there
 */
export async function prepareSource(
  scratch: string,
  tree: OpenedTree,
  source: TreeSource,
  patchSets: readonly OpenedTree[],
  quirks: readonly Quirk[],
  gccMajor: number,
  signal: AbortSignal,
): Promise<PreparedSource> {
  const copy = join(scratch, 'source');
  await mkdir(copy);
  const absent = await tree.copyTo(copy);
  if (!existsSync(join(copy, 'arch/x86/Makefile'))) {
    throw new ImageError('the tree has no arch/x86', {
      where: tree.description,
      remedy: 'kmatrix builds x86-64 kernels; trees cut down to another architecture lack it',
    });
  }
  const core = await readCoreFiles(copy);
  for (const [index, patchSet] of patchSets.entries()) {
    const folder = join(scratch, `patches-${index}`);
    await mkdir(folder);
    await patchSet.copyTo(folder);
    const { apply = [], copy: files = [] } = source.patches[index] ?? {};
    await applyPatches(copy, folder, { apply, copy: files }, signal);
  }
  await applyQuirks(copy, quirks, gccMajor);
  return { absent, core };
}

/** Left by a build inside the tree; with them there, kbuild refuses to build into another folder. */
export const wasBuiltInPlace = (copy: string): boolean =>
  ['.config', 'include/config', 'include/generated'].some((left) => existsSync(join(copy, left)));
