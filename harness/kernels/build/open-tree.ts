import { resolve } from 'node:path';
import { ImageError } from '../../errors.js';
import type { PatchSet, TreeSource } from '../../matrix/types.js';
import type { FetchContext } from '../fetch/context.js';
import { openFolder } from './open-folder.js';
import { openGit } from './open-git.js';
import { openTarball } from './open-tarball.js';
import type { OpenedTree } from './opened-tree.js';

/**
 * The tree that a source names.
 *
 * @param baseFolder what relative paths are relative to
 * @throws ImageError where it can't be had, or has to be supplied first
 */
export async function openTree(
  source: TreeSource,
  baseFolder: string,
  context: FetchContext,
): Promise<OpenedTree> {
  const { tarball, folder, git } = source;
  if (tarball) return openTarball(tarball, context);
  if (folder !== undefined) return openFolder(resolve(baseFolder, folder), context.signal);
  if (git) return openGit({ ...git, repository: resolve(baseFolder, git.repository) }, context.signal);
  throw new ImageError(`the tree of ${context.kernel} has no public place to fetch it from`);
}

/** The same for a patch set. */
export async function openPatchSet(
  set: PatchSet,
  baseFolder: string,
  signal: AbortSignal,
): Promise<OpenedTree> {
  if (set.folder !== undefined) return openFolder(resolve(baseFolder, set.folder), signal);
  if (set.git) return openGit({ ...set.git, repository: resolve(baseFolder, set.git.repository) }, signal);
  throw new ImageError('a patch set has neither folder nor git', { remedy: 'correct the row in matrix.yml' });
}
