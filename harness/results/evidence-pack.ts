import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import type { AttemptResult } from '../attempt/types.js';
import { diskError } from './disk-error.js';

/** Consoles and samples of a published run: one compressed tar in place of a thousand files. */
export const packFile = 'evidence.tar.gz';

export const isPacked = (folder: string): boolean => existsSync(join(folder, packFile));

/** Whether an attempt's console stays when its run is published: something went wrong, or the kernel reported something. */
export const isTelling = ({ outcome, reports }: Pick<AttemptResult, 'outcome' | 'reports'>): boolean =>
  reports.length > 0 || !['stable', 'unsupported', 'unavailable'].includes(outcome);

interface Places {
  readonly console: string;
  readonly series: string;
}

/** Where a packed run's attempt has what was in files of their own: evidence.tar.gz#consoles/NAME.log; '' where that was left out. */
export function packedPlaces(attempt: Pick<AttemptResult, 'outcome' | 'reports'> & Places): Places {
  const place = (name: string): string =>
    name === '' || !isTelling(attempt) ? '' : `${packFile}#${plainName(name)}`;
  return { console: place(attempt.console), series: place(attempt.series) };
}

/** The name in a pack of what has one on disk: consoles that are compressed there aren't here. */
export const plainName = (name: string): string => name.replace(/\.gz$/, '');

/** The name in the pack that a place names; undefined for one that is a file's. */
export const nameInPack = (place: string): string | undefined =>
  place.startsWith(`${packFile}#`) ? place.slice(packFile.length + 1) : undefined;

/**
 * Writes a pack; the same files give the same bytes.
 *
 * @param files by their name in the pack, sorted
 * @throws HostError where it can't be written
 */
export async function writePack(
  folder: string,
  files: AsyncIterable<readonly [name: string, bytes: Buffer]>,
): Promise<void> {
  const path = join(folder, packFile);
  const partial = `${path}.partial`;
  const tar = pack();
  const fill = async (): Promise<void> => {
    for await (const [name, bytes] of files) tar.entry({ name, mtime: new Date(0), mode: 0o644 }, bytes);
    tar.finalize();
  };
  try {
    const written = pipeline(tar, createGzip({ level: 9 }), createWriteStream(partial));
    await Promise.all([written, fill().catch((error: unknown) => tar.destroy(asError(error)))]);
    await rename(partial, path);
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => {});
    throw diskError("the evidence can't be packed", path, cause);
  }
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/**
 * One file of a pack; undefined where it hasn't got it. A stranger's pack is read to so many bytes and no further.
 *
 * @throws HostError where it can't be read
 */
export async function readFromPack(folder: string, name: string): Promise<Buffer | undefined> {
  const path = join(folder, packFile);
  const entries = extract();
  let left = mostBytes;
  const source = pipeline(createReadStream(path), createGunzip(), entries).catch(() => {});
  try {
    for await (const entry of entries) {
      const chunks: Buffer[] = [];
      for await (const chunk of entry) {
        if (!(chunk instanceof Uint8Array)) continue;
        left -= chunk.length;
        if (left < 0) return undefined;
        if (entry.header.name === name) chunks.push(Buffer.from(chunk));
      }
      if (entry.header.name === name) return Buffer.concat(chunks);
    }
    return undefined;
  } catch (cause) {
    throw diskError("the packed evidence can't be read", path, cause);
  } finally {
    entries.destroy();
    await source;
  }
}

const mostBytes = 1024 * 2 ** 20;
