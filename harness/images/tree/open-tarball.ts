import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ImageError } from '../../errors.js';
import { sha256File } from '../../host/hash.js';
import type { FetchContext } from '../archive/context.js';
import { download } from '../archive/download.js';
import { downloadPinned } from '../archive/download-pinned.js';
import { kernelsLock } from '../archive/pins.js';
import type { OpenedTree } from './opened-tree.js';
import { runTool } from './run-tool.js';

export interface Tarball {
  /** http, https, or file. */
  readonly url: string;
  /** Null: pinned in images/kernels.lock on first use; of a file, whatever it has. */
  readonly sha256: string | null;
}

/**
 * A release tarball as a tree: downloaded (or found in the cache), its SHA-256 checked, not unpacked yet.
 *
 * @throws ImageError where it can't be had or has other bytes than it should
 */
export async function openTarball(
  tarball: Tarball,
  context: FetchContext,
  lockFile: string = kernelsLock(),
): Promise<OpenedTree> {
  const name = new URL(tarball.url).pathname.split('/').at(-1) || tarball.url;
  const { path, sha256 } = await fetchTarball(tarball, name, context, lockFile);
  const { signal } = context;
  return {
    hash: async () => sha256,
    description: name,
    readText: async (wanted) => {
      const words = ['--extract', '--to-stdout', '--wildcards', '--no-wildcards-match-slash', '--file', path];
      const { exitCode, stdout } = await runTool('tar', [...words, `*/${wanted}`], {
        purpose: `reading ${name}`,
        signal,
        accept: [0, 2],
      });
      return exitCode === 0 ? stdout : undefined;
    },
    copyTo: async (into) => {
      // GNU tar refuses members that would leave the folder, and makes links last
      const words = [
        '--extract',
        '--file',
        path,
        '--directory',
        into,
        '--strip-components=1',
        '--no-same-owner',
      ];
      await runTool('tar', words, { purpose: `unpacking ${name}`, signal });
      return [];
    },
  };
}

/** Linux 6.x has 1.5 GB unpacked and 230 MB packed with gzip. */
const maximumBytes = 1024 ** 3;

async function fetchTarball(
  { url, sha256 }: Tarball,
  name: string,
  context: FetchContext,
  lockFile: string,
): Promise<{ readonly path: string; readonly sha256: string }> {
  if (new URL(url).protocol === 'file:') return fromDisk(url, sha256);
  if (sha256 === null) return downloadPinned(url, lockFile, maximumBytes, context);
  return download({ url, what: name, digests: { sha256 }, maximumBytes }, context);
}

async function fromDisk(url: string, wanted: string | null): Promise<{ path: string; sha256: string }> {
  const path = fileURLToPath(url);
  if (!existsSync(path))
    throw new ImageError('there is no such file', { where: path, remedy: 'check the path' });
  const sha256 = await sha256File(path);
  if (wanted !== null && wanted !== sha256) {
    throw new ImageError(`the tarball has the wrong sha256: ${sha256}, not ${wanted}`, {
      where: path,
      remedy: 'the file was changed or damaged; fetch it again',
    });
  }
  return { path, sha256 };
}
