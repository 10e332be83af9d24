import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ImageError } from '../../errors.js';
import { sha256File } from '../../host/hash.js';
import type { FetchContext } from '../fetch/context.js';
import { kernelPins, type PinFiles } from '../fetch/pins.js';
import { type FetchedTarball, fetchTarball, type Tarball } from './fetch-tarball.js';
import type { OpenedTree } from './opened-tree.js';
import { makeCopyWritable, runTool } from './run-tool.js';

/**
 * A release tarball as a tree: downloaded (or found in the cache), its SHA-256 checked, not unpacked yet.
 *
 * @throws ImageError where it can't be had or has other bytes than it should
 */
export async function openTarball(
  tarball: Tarball,
  context: FetchContext,
  pins: PinFiles = kernelPins(),
): Promise<OpenedTree> {
  const name = new URL(tarball.url).pathname.split('/').at(-1) || tarball.url;
  const isFile = new URL(tarball.url).protocol === 'file:';
  const { path, sha256, isSigned } = isFile
    ? await fromDisk(tarball)
    : await fetchTarball(tarball, name, context, pins);
  const { signal } = context;
  return {
    hash: async () => sha256,
    description: name,
    isSigned,
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
      await makeCopyWritable(into, signal);
      return [];
    },
  };
}

async function fromDisk({ url, sha256: wanted }: Tarball): Promise<FetchedTarball> {
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
  return { path, sha256, isSigned: false };
}
