import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { UsageError } from '../../errors.js';
import type { KernelRow, PatchSet, TreeSource } from '../../matrix/types.js';
import type { ImageEvent, KernelEntry } from '../types.js';
import { buildTree } from './build-tree.js';

/** `kmatrix images build ROW --tree PLACE …` after parsing. */
export interface SuppliedBuild {
  readonly row: KernelRow;
  /** Folder, git work tree or bare repository, or release tarball; undefined: the tree that the row itself names. */
  readonly tree?: string;
  /** Commit, tag or branch; with it, `tree` is a git repository. HEAD of a bare repository without it. */
  readonly commit?: string;
  /** Folder of the kernel below `tree`. */
  readonly folder?: string;
  /** In place of the row’s own. */
  readonly patches?: readonly PatchSet[];
  /** NAME=VALUE, over those of the row. */
  readonly config?: readonly string[];
  readonly jobs?: number;
  readonly offline?: boolean;
  readonly onEvent: (event: ImageEvent) => void;
  readonly signal: AbortSignal;
}

/**
 * Builds a row's kernel from a tree given by hand, into the cache under the row's id.
 *
 * @throws UsageError for words that don't fit together and paths that aren't there, else as buildTree
 */
export async function buildSupplied(build: SuppliedBuild): Promise<KernelEntry> {
  const { row, tree, jobs, offline, onEvent, signal } = build;
  const source = await sourceOf(build);
  return buildTree({
    rowId: row.id,
    line: row.line,
    flavour: row.flavour,
    source,
    onEvent,
    signal,
    ...(tree !== undefined && { given: source.folder ?? source.git?.repository ?? resolve(tree) }),
    ...(row.source.kind === 'tree' && { written: row.source }),
    ...(jobs !== undefined && { jobs }),
    ...(offline !== undefined && { offline }),
  });
}

async function sourceOf(build: SuppliedBuild): Promise<TreeSource> {
  const { row, tree } = build;
  const own = row.source.kind === 'tree' ? row.source : undefined;
  if (own === undefined && !isOwnName(row)) throw notBuilt(row);
  const common = {
    kind: 'tree',
    config: { ...own?.config, ...parseOptions(build.config ?? []) },
    patches: build.patches?.map(checkedPatchSet) ?? own?.patches ?? [],
    ...(own?.require !== undefined && { require: own.require }),
  } as const;
  if (tree !== undefined) return { ...common, ...(await placeOf(tree, build)) };
  if (build.commit !== undefined || build.folder !== undefined) {
    throw new UsageError('--commit and --folder name a place in a tree, and no --tree is given');
  }
  if (own === undefined) {
    throw new UsageError(`${row.id} names no tree of its own`, { remedy: 'name one with --tree' });
  }
  return { ...own, ...common };
}

/** What is built under a row's id is what an `imported:` row of that name stands for. */
const isOwnName = ({ id, source }: KernelRow): boolean => source.kind === 'imported' && source.name === id;

/** A kernel built under the id of such a row would be one that the row never uses. */
function notBuilt({ id, source }: KernelRow): UsageError {
  const remedy =
    source.kind === 'imported'
      ? `import one: kmatrix images import ${source.name} BZIMAGE`
      : `fetch its kernel: kmatrix images fetch ${id}`;
  return new UsageError(`${id} is a row of the kind ${source.kind}: it has no tree to build`, {
    remedy: `${remedy}; or name a row with a tree`,
  });
}

type TreePlace = Pick<TreeSource, 'folder' | 'git' | 'tarball'>;

async function placeOf(tree: string, { commit, folder }: SuppliedBuild): Promise<TreePlace> {
  const path = existing(tree, 'tree', '--tree (a folder, git repository or release tarball of a kernel)');
  if (statSync(path).isFile()) {
    if (commit !== undefined || folder !== undefined) {
      throw new UsageError('--commit and --folder don’t go with a tarball', { where: path });
    }
    return { tarball: { url: pathToFileURL(path).href, sha256: null } };
  }
  if (commit !== undefined || (await isBareRepository(path))) {
    const git = { repository: path, commit: commit ?? 'HEAD', ...(folder !== undefined && { folder }) };
    await checkGitPlace(git);
    return { git };
  }
  return { folder: folder === undefined ? path : existing(resolve(path, folder), 'folder', '--folder') };
}

/** Paths of a patch set on the command line are the caller's words as well. */
function checkedPatchSet(set: PatchSet): PatchSet {
  existing(set.folder ?? set.git?.repository ?? '', 'patch set', '--patch-set');
  return set;
}

function existing(given: string, what: string, option: string): string {
  const path = resolve(given);
  if (existsSync(path)) return path;
  throw new UsageError(`there is no such ${what}`, {
    where: path,
    remedy: `check the path given with ${option}`,
  });
}

async function checkGitPlace({
  repository,
  commit,
  folder = '',
}: NonNullable<TreePlace['git']>): Promise<void> {
  const name = `${commit}:${folder.replace(/\/+$/, '')}`;
  const words = ['-C', repository, 'rev-parse', '--verify', '--end-of-options', name];
  const { failed, stderr, shortMessage } = await execa('git', words, { reject: false, stdin: 'ignore' });
  if (!failed) return;
  throw new UsageError(`git finds no ${name} there`, {
    where: repository,
    remedy: 'check --tree, --commit and --folder; a branch of a remote is origin/NAME',
    cause: new Error(stderr || shortMessage),
  });
}

/** A bare repository's own folder: there is nothing else in it to build. */
async function isBareRepository(path: string): Promise<boolean> {
  const words = ['-C', path, 'rev-parse', '--is-inside-git-dir'];
  const { stdout, failed } = await execa('git', words, { reject: false, stdin: 'ignore' });
  return !failed && stdout.trim() === 'true';
}

function parseOptions(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const [, name, value] = word.match(/^(?:CONFIG_)?(\w+)=(.+)$/) ?? [];
      if (name !== undefined && value !== undefined) return [name, value];
      throw new UsageError(`not a kernel option: ${word}`, { remedy: 'write --config NAME=y' });
    }),
  );
}
