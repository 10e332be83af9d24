import { dirname } from 'node:path';
import { HostError } from '../errors.js';
import { buildGuest } from '../guest/build/build-guest.js';
import type { GuestEvent } from '../guest/build/guest-event.js';
import type { Cell, Matrix } from '../matrix/types.js';
import { ImageShelf } from './image-shelf.js';
import type { ImagesOfRun } from './images-of-run.js';
import { UserlandShelf } from './userland-shelf.js';

/**
 * Makes sure that these cells can be run again on a run's own images: nothing is fetched or built in their place.
 *
 * @throws HostError that names the run, and the first image that is gone
 */
export async function refuseMissingImages(
  matrix: Matrix,
  cells: readonly Cell[],
  { manifest, images }: ImagesOfRun,
  signal: AbortSignal,
  onEvent: (event: GuestEvent) => void = () => undefined,
): Promise<void> {
  for (const { id, kernel } of cells) {
    if (images.kernels.has(kernel.id) && images.images.has(id)) continue;
    throw new HostError(`run ${manifest.id} doesn't say which image ${id} ran on`, { remedy });
  }
  const shelf = new ImageShelf({
    guest: await buildGuest({ signal, onEvent }),
    signal,
    offline: true,
    refresh: false,
    baseFolder: dirname(matrix.path),
    begunWith: images,
    emit: () => undefined,
    onKernel: async () => undefined,
  });
  const userlands = new UserlandShelf({
    ...{ signal, offline: true, refresh: false, begunWith: images },
    emit: () => undefined,
    onUserland: async () => undefined,
  });
  try {
    await shelf.refuseMissing(cells);
    for (const cell of cells) await userlands.disks(cell);
  } catch (cause) {
    if (!(cause instanceof HostError)) throw cause;
    throw new HostError(`run ${manifest.id}: ${cause.message}`, { where: cause.where, remedy, cause });
  }
}

const remedy = 'run these cells again, and compare those runs';
