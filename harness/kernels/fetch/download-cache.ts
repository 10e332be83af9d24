import { existsSync } from 'node:fs';
import { readFile, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { cacheFolder } from '../../host/cache.js';
import { withFileErrors } from '../../host/file-errors.js';
import { sha256 } from '../../host/hash.js';
import { type Digests, digestFile, disagreement } from './digests.js';

/** A file as downloaded, in the cache under its own hash. */
export interface Download {
  readonly path: string;
  readonly url: string;
  /** Hex, of the bytes themselves. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Where the parts of one URL's download live until it is whole. */
export interface DownloadPlace {
  /** Short name of the URL in the cache. */
  readonly key: string;
  readonly part: string;
  /** What the server said of the partial file, for If-Range. */
  readonly partRecord: string;
  readonly lock: string;
}

export async function placeOf(url: string): Promise<DownloadPlace> {
  const key = sha256(url).slice(0, 32);
  const part = join(await cacheFolder('downloads'), `${key}.part`);
  return { key, part, partRecord: `${part}.json`, lock: join(await cacheFolder('locks'), `download-${key}`) };
}

/**
 * A file downloaded before, if its bytes still are what they were and agree with `wanted`. It is looked up by SHA-256
 * where that is known, whatever URL it came from, else by URL. A broken one is removed.
 */
export async function findDownload(url: string, wanted: Digests): Promise<Download | undefined> {
  const hash = wanted.sha256 ?? (await recordedHash(url));
  if (hash === undefined) return undefined;
  const path = await pathOf(hash);
  if (!existsSync(path)) return undefined;
  const found = await digestFile(path, wanted);
  if (found.sha256 !== hash) {
    await withFileErrors(path, () => rm(path, { force: true }));
    return undefined;
  }
  if (disagreement(wanted, found) !== undefined) return undefined;
  const now = new Date();
  // for whoever prunes; a cache that this user may only read works all the same
  await utimes(path, now, now).catch(() => undefined);
  return { path, url, sha256: hash, bytes: found.bytes };
}

/** Moves a complete, verified partial file to its place and remembers which URL it was. */
export async function keepDownload(
  url: string,
  { part, partRecord }: DownloadPlace,
  { sha256, bytes }: { readonly sha256: string; readonly bytes: number },
): Promise<Download> {
  const path = await pathOf(sha256);
  const record = await recordPath(url);
  await withFileErrors(path, async () => {
    await rename(part, path);
    await rm(partRecord, { force: true });
    await writeFileAtomic(record, `${JSON.stringify({ url, sha256 })}\n`);
  });
  return { path, url, sha256, bytes };
}

/** Drops what was there of an unfinished download. */
export async function dropPart({ part, partRecord }: DownloadPlace): Promise<void> {
  await withFileErrors(part, async () => {
    await rm(partRecord, { force: true });
    await rm(part, { force: true });
  });
}

const recordSchema = z.object({ url: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) });

async function recordedHash(url: string): Promise<string | undefined> {
  try {
    const record = recordSchema.parse(JSON.parse(await readFile(await recordPath(url), 'utf8')));
    return record.url === url ? record.sha256 : undefined;
  } catch {
    // absent or cut short: then it is fetched again
    return undefined;
  }
}

const pathOf = async (hash: string): Promise<string> =>
  join(await cacheFolder('downloads'), `sha256-${hash}`);

const recordPath = async (url: string): Promise<string> =>
  join(await cacheFolder('downloads'), `${sha256(url).slice(0, 32)}.url.json`);
