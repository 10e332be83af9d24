import { HostError } from '../errors.js';
import { openImage } from '../guest/build/open-image.js';
import { openKernel } from '../kernels/kernel-entries.js';
import type { Image, ImageReference } from '../kernels/types.js';

/** What another host needs to know of an image, and no more: paths are this one's. */
export const referenceTo = ({ id, kernel }: Image): ImageReference => ({
  id,
  kernel: { id: kernel.id, release: kernel.release },
});

/** The images of this host's cache that attempts refer to, each opened and verified once. */
export class LocalImages {
  readonly #opening = new Map<string, Promise<Image>>();
  readonly #opened = new Map<string, Image>();

  /** @throws HostError where the cache doesn't hold it */
  open(reference: ImageReference): Promise<Image> {
    const { id } = reference;
    const image = this.#opening.get(id) ?? this.#openAndKeep(reference);
    this.#opening.set(id, image);
    return image;
  }

  /** Undefined where nobody has opened it. */
  opened({ id }: ImageReference): Image | undefined {
    return this.#opened.get(id);
  }

  async #openAndKeep(reference: ImageReference): Promise<Image> {
    const kernel = await openKernel(reference.kernel.id);
    const image = kernel && (await openImage(kernel, reference.id));
    if (image === undefined) {
      throw new HostError(`the image of ${reference.kernel.release} is not in this host's cache`, {
        where: reference.id,
        remedy: `kmatrix images fetch brings kernels there; an attempt runs only where its very image is`,
      });
    }
    this.#opened.set(image.id, image);
    return image;
  }
}
