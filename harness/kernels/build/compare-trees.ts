import { join, resolve } from 'node:path';
import { UsageError } from '../../errors.js';
import { type CoreFiles, isCorePath, readCoreFiles } from './core-files.js';
import { openFolder, readText } from './open-folder.js';
import { openGit } from './open-git.js';
import { runTool } from './run-tool.js';
import { type TreeCore, treeCore } from './tree-core.js';
import { treeVersion } from './tree-version.js';

/** Two source trees by their core folders (core-files.ts). */
export interface TreeComparison {
  readonly first: TreeCore;
  readonly second: TreeCore;
  /** Files that both have. */
  readonly compared: number;
  /** In both, with other bytes. */
  readonly differ: readonly string[];
  readonly onlyInFirst: readonly string[];
  readonly onlyInSecond: readonly string[];
}

/**
 * Compares a tree with a second copy of it: which core files differ, and which only one of the two has.
 *
 * @param places folders, or git repositories as REPOSITORY@COMMIT or REPOSITORY@COMMIT:FOLDER; nothing is checked out
 * @throws UsageError for a place that is none; ImageError where a tree can't be read or is no kernel's
 */
export async function compareTrees(
  places: readonly [string, string],
  signal: AbortSignal,
): Promise<TreeComparison> {
  const [first, second] = [await readTree(places[0], signal), await readTree(places[1], signal)];
  const both = [...first.files].filter(([path]) => second.files.has(path));
  const without = (one: CoreFiles, other: CoreFiles) => [...one.keys()].filter((path) => !other.has(path));
  return {
    first: treeCore(first.version, first.files),
    second: treeCore(second.version, second.files),
    compared: both.length,
    differ: both.filter(([path, hash]) => second.files.get(path) !== hash).map(([path]) => path),
    onlyInFirst: without(first.files, second.files),
    onlyInSecond: without(second.files, first.files),
  };
}

interface ReadTree {
  readonly version: string;
  readonly files: CoreFiles;
}

async function readTree(place: string, signal: AbortSignal): Promise<ReadTree> {
  const [, repository, commit, folder] = /^(.+)@([^@/:][^@:]*)(?::(.*))?$/.exec(place) ?? [];
  if (repository !== undefined && commit !== undefined) return readGit(repository, commit, folder, signal);
  const path = resolve(place);
  await openFolder(path, signal);
  const version = treeVersion(await readText(join(path, 'Makefile')), place).join('.');
  return { version, files: await readCoreFiles(path) };
}

/** git's own list has the hashes already. */
async function readGit(
  repository: string,
  commit: string,
  folder: string | undefined,
  signal: AbortSignal,
): Promise<ReadTree> {
  const where = resolve(repository);
  const opened = await openGit({ repository: where, commit, ...(folder && { folder }) }, signal);
  const version = treeVersion(await opened.readText('Makefile'), `${repository}@${commit}`).join('.');
  const words = ['ls-tree', '-r', '-z', '--full-tree', await opened.hash()];
  const { stdout } = await runTool('git', words, {
    purpose: 'listing the tree with git',
    signal,
    folder: where,
  });
  const files = stdout.split('\0').flatMap((line): [string, string][] => {
    const [, hash, path] = /^\d+ blob ([0-9a-f]{40})\t(.*)$/s.exec(line) ?? [];
    return hash !== undefined && path !== undefined && isCorePath(path) ? [[path, hash]] : [];
  });
  if (files.length === 0) {
    throw new UsageError('the tree has no file that could be compared', { where: `${repository}@${commit}` });
  }
  return { version, files: new Map(files.sort(([a], [b]) => (a < b ? -1 : 1))) };
}
