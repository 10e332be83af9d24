import { join } from 'node:path';
import { z } from 'zod';
import { entryIds, openEntry } from '../../cache/store.js';
import { sha256 } from '../../host/hash.js';
import type { Image, KernelEntry } from '../../kernels/types.js';

/**
 * Image.id: kernel and initramfs by content.
 *
 * @param initramfs id of its entry; one file: it stands for its bytes
 */
export const imageIdOf = (kernel: string, initramfs: string): string => sha256(`${kernel} ${initramfs}`);

/** The image of this id that was made of this kernel, from the cache, verified; undefined where it is gone. */
export async function openImage(kernel: KernelEntry, id: string): Promise<Image | undefined> {
  const initramfs = (await entryIds('initramfs')).find((entry) => imageIdOf(kernel.id, entry) === id);
  const entry = initramfs === undefined ? undefined : await openEntry('initramfs', initramfs);
  if (entry === undefined) return undefined;
  const { modules } = about.parse(entry.about);
  return { id, kernel, initramfs: join(entry.folder, 'initramfs'), modules };
}

/** Entries of an older kmatrix don't say. */
const about = z.object({ modules: z.array(z.string()).default([]) });
