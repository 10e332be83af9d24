import { join } from 'node:path';
import { z } from 'zod';
import { listEntries, type StoredEntry } from '../../cache/store.js';
import type { Disk } from '../../vm/types.js';

/** A root file system that machines have as a disk. */
export interface Userland {
  readonly disk: Disk;
  /** bookworm; bullseye, floor lowered to 2.6.32. */
  readonly name: string;
  /**
   * What it is made of, line by line: NAME VERSION ARCHITECTURE of each package that is installed, `repository NAME VERSION` of each that
   * can be, and whether the floor of its glibc was lowered.
   */
  readonly contents: readonly string[];
  /** SHA-256 (hex) over these lines: two userlands with the same are made of the same. */
  readonly list: string;
  /** One line for people. */
  readonly provenance: string;
  /** Seconds that making it took. */
  readonly seconds: number;
}

/** What its entry in the cache says of it. */
export type UserlandFacts = Omit<Userland, 'disk'>;

const facts: z.ZodType<UserlandFacts> = z.object({
  name: z.string(),
  contents: z.array(z.string()),
  list: z.string(),
  provenance: z.string(),
  seconds: z.number(),
});

/** Its file in the entry's folder. */
export const userlandFile = 'disk';

/** Undefined where an entry of the kind disks is another sort of disk. */
export function toUserland({
  id,
  folder,
  about,
}: Pick<StoredEntry, 'id' | 'folder' | 'about'>): Userland | undefined {
  const { data } = facts.safeParse(about);
  return data && { disk: { id, path: join(folder, userlandFile) }, ...data };
}

/** The userlands of the cache, most recently used first. */
export async function listUserlands(): Promise<(Userland & Pick<StoredEntry, 'bytes' | 'usedAt'>)[]> {
  return (await listEntries('disks')).flatMap((entry) => {
    const userland = toUserland(entry);
    return userland === undefined ? [] : { ...userland, bytes: entry.bytes, usedAt: entry.usedAt };
  });
}
