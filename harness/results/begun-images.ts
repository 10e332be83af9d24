import { readAllAttempts, readImages } from './read-run.js';
import { readEvents } from './session.js';

/** What a run was begun with, by content. */
export interface BegunImages {
  /** KernelEntry.id by kernel row, of the rows that were obtained. */
  readonly kernels: ReadonlyMap<string, string>;
  /** Image.id by cell, of the cells whose image was made. */
  readonly images: ReadonlyMap<string, string>;
  /** Disk.id of its machines' disks, likewise; a cell without disks has none here. */
  readonly disks: ReadonlyMap<string, readonly string[]>;
}

/**
 * The images that a run has used so far. Where they weren't recorded (runs from before that was done) attempts name theirs; of
 * several of one cell the first counts.
 */
export async function begunImages(folder: string): Promise<BegunImages> {
  const kernels = new Map<string, string>();
  for (const record of await readImages(folder))
    if (record.status === 'ready') kernels.set(record.kernel, record.imageId);
  const images = new Map<string, string>();
  const disks = new Map<string, readonly string[]>();
  const add = (cell: string, image: string, its: readonly string[] = []): void => {
    if (image === '' || images.has(cell)) return;
    images.set(cell, image);
    if (its.length > 0) disks.set(cell, its);
  };
  for await (const event of readEvents(folder))
    if (event.type === 'image') add(event.cell, event.image, event.disks);
  for await (const { key, imageId, disks } of readAllAttempts(folder)) add(key.cell, imageId, disks);
  return { kernels, images, disks };
}
