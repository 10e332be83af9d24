import { ImageError, UsageError } from '../../errors.js';
import type { TreeSource } from '../../matrix/types.js';
import { type KernelVersion, lineOf, parseKernelVersion } from '../../versions/kernel-version.js';
import type { FetchContext } from '../fetch/context.js';
import { openTree } from './open-tree.js';
import type { OpenedTree } from './opened-tree.js';
import { treeVersion } from './tree-version.js';

export interface RowTree {
  /** Row of matrix.yml; the kernel is in the cache under this name afterwards. */
  readonly rowId: string;
  /** Kernel line that the tree must be of: 3.2. */
  readonly line: string;
  readonly source: TreeSource;
  /** Where the tree is, for one named on the command line: that it is no such tree is a wrong word then. */
  readonly given?: string;
}

/**
 * The tree that a row is built from, and its version, which is of the row's line.
 *
 * @throws ImageError for a tree that can't be had, with how to give one, or that isn't what the row says; UsageError
 *   where it is a tree of the command line that isn't
 */
export async function openRowTree(
  build: RowTree,
  baseFolder: string,
  context: FetchContext,
): Promise<{ readonly tree: OpenedTree; readonly version: KernelVersion }> {
  const { source, given } = build;
  const opening = openTree(source, baseFolder, context);
  const tree = await opening.catch((error: unknown) => {
    throw given === undefined && error instanceof ImageError ? orGiveOne(error, build) : error;
  });
  return { tree, version: await checkedVersion(build, tree) };
}

function orGiveOne(error: ImageError, { rowId, source }: RowTree): ImageError {
  const { message, where, remedy } = error;
  const required = Object.keys(source.require ?? {}).join(' and ');
  const patches = required === '' ? '' : `, and --patch-set where that lacks ${required} (docs/kernels.md)`;
  const give = `kmatrix images build ${rowId} --tree FOLDER${patches}`;
  return new ImageError(message, {
    where,
    remedy: remedy === undefined ? `build it: ${give}` : `${remedy}; or give a tree: ${give}`,
    cause: error,
  });
}

/** A tree of another line under a row's name would put its results into the wrong column of every table. */
async function checkedVersion(build: RowTree, tree: OpenedTree): Promise<KernelVersion> {
  const { rowId, line, given } = build;
  const version = await versionOf(build, tree);
  const wanted = parseKernelVersion(line);
  if (wanted !== undefined && lineOf(version) === lineOf(wanted)) return version;
  const what = `the tree is of ${version.join('.')}, and ${rowId} is a row of the line ${line}`;
  const remedy = 'name the row that this tree is for, or another tree';
  throw given === undefined
    ? new ImageError(what, { where: tree.description, remedy })
    : new UsageError(what, { where: given, remedy });
}

async function versionOf({ source, given }: RowTree, tree: OpenedTree): Promise<KernelVersion> {
  try {
    return treeVersion(await tree.readText('Makefile'), tree.description);
  } catch (error) {
    if (given === undefined || !(error instanceof ImageError)) throw error;
    throw new UsageError(error.message, {
      where: given,
      remedy:
        source.tarball === undefined
          ? 'name the folder that holds the kernel’s top Makefile: with --tree, or with --folder where it is below that'
          : 'name a release tarball of a kernel',
      cause: error.cause,
    });
  }
}
