import { openDisk } from '../disks/disk.js';
import { openStartFiles, type StartFiles } from '../disks/start-files.js';
import { HostError } from '../errors.js';
import { openImage } from '../guest/build/open-image.js';
import { openKernel } from '../kernels/kernel-entries.js';
import type { Image, ImageReference } from '../kernels/types.js';
import type { Disk } from '../vm/types.js';
import type { Attempt, LocalAttempt } from './types.js';

/** What another host needs to know of an image, and no more: paths are this one's. */
export const referenceTo = ({ id, kernel }: Image): ImageReference => ({
  id,
  kernel: { id: kernel.id, release: kernel.release },
});

/** What a machine is made of. */
type MachineParts = Required<Pick<LocalAttempt, 'image' | 'disks'>>;

/** What attempts refer to, in this host's cache; each thing is opened and verified once. */
export class LocalContent {
  readonly #images = new Map<string, Promise<Image>>();
  readonly #disks = new Map<string, Promise<Disk>>();
  readonly #files = new Map<string, Promise<StartFiles>>();
  /** By what machines they make. */
  readonly #opened = new Map<string, MachineParts>();

  /** @throws HostError where the cache lacks something */
  async open({ key, cell, ...references }: Attempt): Promise<LocalAttempt> {
    const { image: wanted, disks: ids = [], files: filesId } = references;
    const imageName = `${wanted.kernel.id} ${wanted.id}`;
    const image = await openOnce(this.#images, imageName, `the image of ${wanted.kernel.release}`, () =>
      openReferenced(wanted),
    );
    const disks = await Promise.all(ids.map((id) => openOnce(this.#disks, id, 'a disk', () => openDisk(id))));
    this.#opened.set(machineOf(references), { image, disks });
    if (filesId === undefined) return { key, cell, image, disks };
    const files = await openOnce(this.#files, filesId, 'what an attempt starts with', () =>
      openStartFiles(filesId),
    );
    return { key, cell, image, disks, files };
  }

  /** What its machine is made of, where an attempt that wants the same machine was opened. */
  opened(attempt: Attempt): MachineParts | undefined {
    return this.#opened.get(machineOf(attempt));
  }
}

const machineOf = ({ image, disks = [] }: Pick<Attempt, 'image' | 'disks'>): string =>
  [image.kernel.id, image.id, ...disks].join(' ');

async function openReferenced({ id, kernel: { id: kernelId } }: ImageReference): Promise<Image | undefined> {
  const kernel = await openKernel(kernelId);
  return kernel && openImage(kernel, id);
}

/** What isn't there, or can't be opened, is looked for again the next time. */
function openOnce<T>(
  known: Map<string, Promise<T>>,
  id: string,
  what: string,
  open: () => Promise<T | undefined>,
): Promise<T> {
  const opening = known.get(id) ?? orRefuse(id, what, open);
  known.set(id, opening);
  opening.catch(() => known.delete(id));
  return opening;
}

async function orRefuse<T>(id: string, what: string, open: () => Promise<T | undefined>): Promise<T> {
  const found = await open();
  if (found !== undefined) return found;
  throw new HostError(`${what} is not in this host's cache`, {
    where: id,
    remedy: 'an attempt needs exactly its own image, disks and files; start a new run to make them again',
  });
}
