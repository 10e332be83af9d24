import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { cacheFolder } from '../host/cache.js';
import { withFileErrors } from '../host/file-errors.js';
import { withLock } from '../host/lock.js';
import { withStaging } from './staging.js';
import { type EntryKind, entryIds, isEntryId, openEntry, publishEntry, type StoredEntry } from './store.js';

export interface KeyedEntryOptions {
  /** As of openEntry. */
  readonly always?: ((path: string) => boolean) | undefined;
  /** Called once where another run makes the same. */
  readonly onWait?: (() => void) | undefined;
  /** Ends the wait for another run that makes the same. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Make it anew although there is one: whether what was noted about the new one says that it is the same, so that the one that is
   * there stays.
   */
  readonly renew?: ((known: StoredEntry, about: unknown) => boolean) | undefined;
}

/**
 * The entry that was made from the same parts before, verified; else `make` fills a staging folder (and returns what to
 * note about it), and the entry is kept under this key. Two runs with one key: one makes it, the other waits.
 *
 * @param key SHA-256 (hex) over everything that the bytes depend on
 */
export async function keyedEntry(
  kind: EntryKind,
  key: string,
  make: (staged: string) => Promise<unknown>,
  { always, onWait, signal, renew }: KeyedEntryOptions = {},
): Promise<StoredEntry> {
  const path = await placeOf(kind, key);
  const find = () => findKeyedEntry(kind, key, always);
  const found = await find();
  if (found !== undefined && renew === undefined) return found;
  const lock = join(await cacheFolder('locks'), `${kind}-key-${key.slice(0, 16)}`);
  const makeOnce = async () => {
    const meanwhile = await find();
    if (meanwhile !== undefined && renew === undefined) return meanwhile;
    return withStaging(async (staged) => {
      const about = await make(staged);
      if (meanwhile !== undefined && renew?.(meanwhile, about)) return meanwhile;
      const entry = await publishEntry(kind, staged, about);
      await withFileErrors(path, () => writeFileAtomic(path, entry.id));
      return entry;
    });
  };
  return withLock(lock, makeOnce, { onWait, signal });
}

/** The same where it was made already, verified; else undefined. */
export async function findKeyedEntry(
  kind: EntryKind,
  key: string,
  always?: KeyedEntryOptions['always'],
): Promise<StoredEntry | undefined> {
  if (!isEntryId(key)) return undefined;
  const id = await readFile(await placeOf(kind, key), 'utf8').catch(() => '');
  return openEntry(kind, id, always);
}

const placeOf = async (kind: EntryKind, key: string): Promise<string> =>
  join(await cacheFolder(`${kind}-keys`), key);

/** Forgets keys whose entry no longer exists. */
export async function dropDanglingKeys(kind: EntryKind): Promise<void> {
  const left = new Set(await entryIds(kind));
  const folder = await cacheFolder(`${kind}-keys`);
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const id = await readFile(path, 'utf8').catch(() => '');
    if (!left.has(id)) await withFileErrors(path, () => rm(path, { force: true }));
  }
}
