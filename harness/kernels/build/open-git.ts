import { rm } from 'node:fs/promises';
import { ImageError } from '../../errors.js';
import type { OpenedTree } from './opened-tree.js';
import { runTool, type ToolResult } from './run-tool.js';

export interface GitPlace {
  /** A work tree, or a bare repository. */
  readonly repository: string;
  /** Commit, tag or branch. */
  readonly commit: string;
  /** Folder inside the repository. */
  readonly folder?: string;
}

/**
 * A commit of a git repository (or a folder of it) as a tree. The repository isn't touched: no checkout, no index.
 *
 * Snapshots may lack blobs (size limits, partial clones). `git archive` dies at the first of them, so files are
 * written by checkout-index, which goes on, and the absent ones are named.
 *
 * @throws ImageError where the repository, the commit or the folder doesn't exist
 */
export async function openGit(place: GitPlace, signal: AbortSignal): Promise<OpenedTree> {
  const git = gitOf(place.repository, signal);
  const directory = (await git('finding the repository', ['rev-parse', '--absolute-git-dir'])).stdout.trim();
  const commit = await resolve(git, place, `${place.commit}^{commit}`, `the commit ${place.commit}`);
  const below = place.folder?.replace(/\/+$/, '') ?? '';
  const tree = await resolve(
    git,
    place,
    `${commit}:${below}`,
    `the folder ${below || '/'} in ${place.commit}`,
  );
  return {
    hash: async () => tree,
    description: `a supplied git tree (commit ${commit.slice(0, 12)})`,
    readText: async (path) => {
      const { exitCode, stdout } = await git(`reading ${path}`, ['show', `${tree}:${path}`], {
        accept: [0, 128],
      });
      return exitCode === 0 ? stdout : undefined;
    },
    copyTo: async (into) => {
      const index = `${into}.index`;
      const environment = { GIT_DIR: directory, GIT_WORK_TREE: into, GIT_INDEX_FILE: index };
      try {
        await git('reading the tree', ['read-tree', tree], { environment });
        const words = ['checkout-index', '--all', '--force', '--quiet', `--prefix=${into}/`];
        return absentFiles(await git('writing the tree', words, { environment, accept: [0, 1, 128] }), into);
      } finally {
        await rm(index, { force: true });
      }
    },
  };
}

interface GitOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly accept?: readonly number[];
}
type Git = (purpose: string, words: readonly string[], options?: GitOptions) => Promise<ToolResult>;

/** A repository's own configuration must neither run programs nor change bytes; an absent blob isn't worth the network. */
const gitOf =
  (repository: string, signal: AbortSignal): Git =>
  (purpose, words, { environment, accept } = {}) =>
    runTool('git', [...settings, ...words], {
      purpose: `${purpose} with git`,
      signal,
      folder: repository,
      environment: { GIT_TERMINAL_PROMPT: '0', GIT_NO_LAZY_FETCH: '1', ...environment },
      ...(accept && { accept }),
    });

const settings = ['core.hooksPath=/dev/null', 'core.fsmonitor=false', 'core.autocrlf=false'].flatMap(
  (setting) => ['-c', setting],
);

async function resolve(git: Git, { repository }: GitPlace, name: string, what: string): Promise<string> {
  const words = ['rev-parse', '--verify', '--quiet', '--end-of-options', name];
  const { exitCode, stdout } = await git(`finding ${what}`, words, { accept: [0, 1, 128] });
  if (exitCode === 0 && /^[0-9a-f]{40,64}$/.test(stdout.trim())) return stdout.trim();
  throw new ImageError(`${what} is not in the repository`, {
    where: repository,
    remedy: 'see git log and git ls-tree there',
  });
}

function absentFiles({ exitCode, stderr }: ToolResult, into: string): string[] {
  const absent = [...stderr.matchAll(/unable to read sha1 file of (.+) \([0-9a-f]+\)/g)].flatMap(
    ([, path]) => (path ? [path.startsWith(`${into}/`) ? path.slice(into.length + 1) : path] : []),
  );
  if (exitCode !== 0 && absent.length === 0) {
    throw new ImageError(`git can't write the tree out: ${stderr.split('\n')[0] ?? ''}`, { where: into });
  }
  return absent;
}
