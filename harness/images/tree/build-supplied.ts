import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { ImageError, UsageError } from '../../errors.js';
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
 * @throws UsageError for words that don't fit together, else as buildTree
 */
export async function buildSupplied(build: SuppliedBuild): Promise<KernelEntry> {
  const { row, jobs, offline, onEvent, signal } = build;
  return buildTree({
    rowId: row.id,
    line: row.line,
    source: await sourceOf(build),
    onEvent,
    signal,
    ...(row.source.kind === 'tree' && { written: row.source }),
    ...(jobs !== undefined && { jobs }),
    ...(offline !== undefined && { offline }),
  });
}

async function sourceOf(build: SuppliedBuild): Promise<TreeSource> {
  const { row, tree } = build;
  const own = row.source.kind === 'tree' ? row.source : undefined;
  const common = {
    kind: 'tree',
    config: { ...own?.config, ...parseOptions(build.config ?? []) },
    patches: build.patches ?? own?.patches ?? [],
  } as const;
  if (tree !== undefined) return { ...common, ...(await placeOf(tree, build)) };
  if (build.commit !== undefined || build.folder !== undefined) {
    throw new UsageError('--commit and --folder say where in a tree, and no --tree is given');
  }
  if (own === undefined) {
    throw new UsageError(`${row.id} is not a row that is built from a tree`, {
      where: row.id,
      remedy: 'name a tree with --tree, or fetch it: kmatrix images fetch',
    });
  }
  return { ...own, ...common };
}

type Place = Pick<TreeSource, 'folder' | 'git' | 'tarball'>;

async function placeOf(tree: string, { commit, folder }: SuppliedBuild): Promise<Place> {
  const path = resolve(tree);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new ImageError('there is no such tree', {
      where: path,
      remedy: 'check the path given with --tree',
    });
  }
  if (found.isFile()) {
    if (commit !== undefined || folder !== undefined) {
      throw new UsageError('--commit and --folder don’t go with a tarball', { where: path });
    }
    return { tarball: { url: pathToFileURL(path).href, sha256: null } };
  }
  if (commit !== undefined || (await isBareRepository(path))) {
    return { git: { repository: path, commit: commit ?? 'HEAD', ...(folder !== undefined && { folder }) } };
  }
  return { folder: folder === undefined ? path : resolve(path, folder) };
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
