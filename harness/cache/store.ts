import { existsSync } from 'node:fs';
import { readdir, readFile, rename, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { HarnessBug } from '../errors.js';
import { cacheFolder } from '../host/cache.js';
import { asHostError, withFileErrors } from '../host/file-errors.js';
import { withLock } from '../host/lock.js';
import { firstDeviation, type Manifest, manifestId, manifestSchema, readManifest } from './manifest.js';
import { setAside } from './staging.js';

/** Kinds of content-addressed entries; each is a folder of the cache. */
export const entryKinds = [
  'kernels',
  'guest-programs',
  'initramfs',
  'headers',
  'control-modules',
  'templates',
  'fork-library',
  'probe-guest',
  'disks',
  'start-files',
] as const;
export type EntryKind = (typeof entryKinds)[number];

/** An entry as found in the cache, verified. */
export interface StoredEntry {
  readonly id: string;
  readonly folder: string;
  readonly manifest: Manifest;
  /** What its maker wrote about it; read it with the maker's own schema. */
  readonly about: unknown;
  readonly bytes: number;
  /** When it was last used (found or published). */
  readonly usedAt: Date;
}

/**
 * Makes a finished staging folder an entry: hashed, described in entry.json, and moved into place by one rename(2), so
 * that an entry is whole or absent. No fsync: a file that a power cut emptied fails its hash and is made anew.
 *
 * @param bind names the entry before anybody may remove it for having no name (withEntryLock)
 */
export async function publishEntry(
  kind: EntryKind,
  staged: string,
  about: unknown,
  bind: (id: string) => Promise<void> = async () => undefined,
): Promise<StoredEntry> {
  return withFileErrors(staged, async () => {
    const manifest = await readManifest(staged);
    const id = manifestId(manifest);
    await writeFileAtomic(
      join(staged, manifestName),
      `${JSON.stringify({ format: 1, about, files: manifest })}\n`,
    );
    const folder = join(await cacheFolder(kind), id);
    await withEntryLock(kind, id, async () => {
      if ((await openEntry(kind, id)) === undefined) await rename(staged, folder);
      await bind(id);
    });
    return { id, folder, manifest, about, bytes: sizeOf(manifest), usedAt: new Date() };
  });
}

/** Runs `work` while no other process publishes this entry. */
export const withEntryLock = async <T>(kind: EntryKind, id: string, work: () => Promise<T>): Promise<T> =>
  withLock(join(await cacheFolder('locks'), `${kind}-${id.slice(0, 16)}`), work);

/**
 * An entry by id, verified, or undefined. One that isn't as its manifest says is moved away first: it is never used, and
 * the next publish finds the place free.
 *
 * @param always paths whose bytes are hashed each time (what a machine runs)
 */
export async function openEntry(
  kind: EntryKind,
  id: string,
  always: (path: string) => boolean = () => true,
): Promise<StoredEntry | undefined> {
  // the id may be out of a stranger's run, and what is no entry is removed below
  if (!isEntryId(id)) return undefined;
  const folder = join(await cacheFolder(kind), id);
  if (!existsSync(folder)) return undefined;
  const entry = await readEntry(folder, id);
  const broken = entry === undefined || (await firstDeviation(folder, entry.manifest, always)) !== undefined;
  if (broken) {
    await withFileErrors(folder, () => setAside(folder));
    return undefined;
  }
  const now = new Date();
  // for prune; a cache that this user may only read works all the same
  await utimes(join(folder, manifestName), now, now).catch(() => undefined);
  return entry;
}

/** What is wrong with an entry, every byte read; undefined where nothing is. Changes nothing. */
export async function inspectEntry(kind: EntryKind, id: string): Promise<string | undefined> {
  const folder = join(await cacheFolder(kind), id);
  const entry = await readEntry(folder, id);
  return entry === undefined
    ? `its ${manifestName} is missing or not of this entry`
    : await firstDeviation(folder, entry.manifest, () => true);
}

/** Ids of all entries of a kind, whole or not. */
export async function entryIds(kind: EntryKind): Promise<string[]> {
  return (await readdir(await cacheFolder(kind))).filter(isEntryId).sort();
}

/** An entry is called by the SHA-256 (hex) of its manifest: nothing else names a folder of the cache. */
export const isEntryId = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** All entries of a kind by their manifests alone, most recently used first; those without one are left out. */
export async function listEntries(kind: EntryKind): Promise<StoredEntry[]> {
  const root = await cacheFolder(kind);
  const ids = await entryIds(kind);
  const entries = await Promise.all(ids.map((id) => readEntry(join(root, id), id)));
  return entries
    .filter((entry) => entry !== undefined)
    .sort((a, b) => b.usedAt.getTime() - a.usedAt.getTime());
}

/** Removes an entry; it is out of the way at once, before its files go. */
export async function removeEntry(kind: EntryKind, id: string): Promise<void> {
  if (!isEntryId(id)) throw new HarnessBug(`no id of an entry: '${id}'`);
  const folder = join(await cacheFolder(kind), id);
  await withFileErrors(folder, () => setAside(folder));
}

const manifestName = 'entry.json';

const recordSchema = z.object({ format: z.literal(1), about: z.unknown(), files: manifestSchema });

async function readEntry(folder: string, id: string): Promise<StoredEntry | undefined> {
  try {
    const path = join(folder, manifestName);
    const { about, files } = recordSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    if (manifestId(files) !== id || files.some(({ path }) => path.split('/').includes('..')))
      return undefined;
    return { id, folder, manifest: files, about, bytes: sizeOf(files), usedAt: (await stat(path)).mtime };
  } catch (error) {
    // too many open files, no permission: nothing is known of the entry then, and it must not be set aside
    const trouble = asHostError(error, folder);
    if (trouble !== error) throw trouble;
    // absent, cut short, or of another format: all the same to the caller, who makes it anew
    return undefined;
  }
}

const sizeOf = (manifest: Manifest): number => manifest.reduce((sum, { bytes }) => sum + bytes, 0);
