import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { cacheFolder } from '../host/cache.js';
import { codeOf, withFileErrors } from '../host/file-errors.js';
import { sha256File } from '../host/hash.js';
import { type EntryKind, entryIds, entryKinds, inspectEntry, listEntries, removeEntry } from './store.js';

export interface Verified {
  readonly kind: EntryKind | 'downloads';
  /** Entry id or SHA-256 of a download, hex. */
  readonly id: string;
  /** Release of a kernel or of what was made from one, file name of a download. */
  readonly name: string;
  /** What was wrong with it; it is removed then. */
  readonly trouble: string | undefined;
}

/** Reads every byte of the cache's entries and downloads, removes what is broken, and tells of each as it goes. */
export async function* verifyCache(): AsyncGenerator<Verified> {
  for (const kind of entryKinds) yield* verifyEntries(kind);
  yield* verifyDownloads();
}

async function* verifyEntries(kind: EntryKind): AsyncGenerator<Verified> {
  const folder = await cacheFolder(kind);
  const known = new Map((await listEntries(kind)).map(({ id, about }) => [id, about]));
  for (const id of await entryIds(kind)) {
    const trouble = await inspectEntry(kind, id);
    // pruned by another process meanwhile
    if (!existsSync(join(folder, id))) continue;
    if (trouble !== undefined) await removeEntry(kind, id);
    const name = aboutSchema.safeParse(known.get(id)).data?.release ?? '';
    yield { kind, id, name, trouble };
  }
}

const aboutSchema = z.object({ release: z.string() });

/** Complete downloads are named by their SHA-256: a file, or (from apt) a folder with the package in it. */
async function* verifyDownloads(): AsyncGenerator<Verified> {
  const folder = await cacheFolder('downloads');
  for (const name of (await readdir(folder)).sort()) {
    const [, id] = /^(?:sha256-)?([0-9a-f]{64})$/.exec(name) ?? [];
    if (id === undefined) continue;
    const path = join(folder, name);
    for (const file of name === id ? await debsIn(path) : ['']) {
      const found = await unlessGone(sha256File(join(path, file)));
      if (found === undefined) continue;
      const trouble = found === id ? undefined : 'its bytes are not those of its SHA-256';
      if (trouble !== undefined) await withFileErrors(path, () => rm(path, { recursive: true, force: true }));
      yield { kind: 'downloads', id, name: file, trouble };
    }
  }
}

const debsIn = async (folder: string): Promise<string[]> =>
  ((await unlessGone(readdir(folder))) ?? []).filter((file) => file.endsWith('.deb'));

/** Another process may prune what was listed here; that is nothing to tell of. */
async function unlessGone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
