import { readAllAttempts, readImages } from './read-run.js';
import { readEvents, type UserlandRecord } from './session.js';

/** What a run was begun with, by content. */
export interface BegunImages {
  /** KernelEntry.id by kernel row, of the rows that were obtained. */
  readonly kernels: ReadonlyMap<string, string>;
  /** Image.id by cell, of the cells whose image was made. */
  readonly images: ReadonlyMap<string, string>;
  /** By the row that brings them. */
  readonly userlands: ReadonlyMap<string, Pick<UserlandRecord, 'disk' | 'list'>>;
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
  const userlands = new Map<string, UserlandRecord>();
  const add = (cell: string, image: string): void => {
    if (image !== '' && !images.has(cell)) images.set(cell, image);
  };
  for await (const event of readEvents(folder)) {
    if (event.type === 'image') add(event.cell, event.image);
    if (event.type === 'userland' && !userlands.has(event.row)) userlands.set(event.row, event);
  }
  for await (const { key, imageId } of readAllAttempts(folder)) add(key.cell, imageId);
  return { kernels, images, userlands };
}
