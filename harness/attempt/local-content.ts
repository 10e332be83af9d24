import { HostError } from '../errors.js';
import { openDisk } from '../guest/build/disks.js';
import { openImage } from '../guest/build/open-image.js';
import { openStartFiles } from '../guest/build/start-files.js';
import { openKernel } from '../kernels/kernel-entries.js';
import type { Image, ImageReference } from '../kernels/types.js';
import type { Attempt, LocalAttempt } from './types.js';

/** What another host needs to know of an image, and no more: paths are this one's. */
export const referenceTo = ({ id, kernel }: Image): ImageReference => ({
  id,
  kernel: { id: kernel.id, release: kernel.release },
});

/** What attempts refer to, in this host's cache; each thing is opened and verified once. */
export class LocalContent {
  readonly #things = new Map<string, Promise<unknown>>();
  readonly #opened = new Map<string, LocalAttempt>();

  /** @throws HostError where the cache lacks something */
  async open(attempt: Attempt): Promise<LocalAttempt> {
    const { key, cell, image, disks, files } = attempt;
    const local: LocalAttempt = {
      key,
      cell,
      image: await this.#once(image.id, `the image of ${image.kernel.release}`, () => openReferenced(image)),
      disks: await Promise.all((disks ?? []).map((id) => this.#once(id, 'a disk', () => openDisk(id)))),
      files:
        files === undefined
          ? undefined
          : await this.#once(files, 'the files to start with', () => openStartFiles(files)),
    };
    this.#opened.set(machineOf(attempt), local);
    return local;
  }

  /** Undefined where nobody has opened an attempt that wants the same machine. */
  opened(attempt: Attempt): LocalAttempt | undefined {
    const known = this.#opened.get(machineOf(attempt));
    return known && { ...known, key: attempt.key, cell: attempt.cell };
  }

  async #once<T>(id: string, what: string, open: () => Promise<T | undefined>): Promise<T> {
    const opening = (this.#things.get(id) as Promise<T> | undefined) ?? orRefuse(id, what, open);
    this.#things.set(id, opening);
    return opening;
  }
}

const machineOf = ({ image, disks = [] }: Attempt): string => [image.id, ...disks].join(' ');

async function openReferenced({ id, kernel: { id: kernelId } }: ImageReference): Promise<Image | undefined> {
  const kernel = await openKernel(kernelId);
  return kernel && openImage(kernel, id);
}

async function orRefuse<T>(id: string, what: string, open: () => Promise<T | undefined>): Promise<T> {
  const found = await open();
  if (found !== undefined) return found;
  throw new HostError(`${what} is not in this host's cache`, {
    where: id,
    remedy:
      'an attempt runs only where its very image, disks and files are; start a new run to make them anew',
  });
}
