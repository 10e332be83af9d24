import { type BegunImages, begunImages } from '../results/begun-images.js';
import type { RunManifest } from '../results/manifest.js';
import { readCountedRun } from '../results/read-counted-run.js';

/** A run, what its attempts that count ran on, and their images. */
export interface ImagesOfRun {
  readonly manifest: Pick<RunManifest, 'id' | 'cells' | 'accelerator' | 'start'>;
  readonly images: BegunImages;
}

/**
 * @param folder of a run
 * @throws UsageError where it is damaged
 */
export const imagesOfRun = async (folder: string): Promise<ImagesOfRun> => ({
  manifest: await readCountedRun(folder),
  images: await begunImages(folder),
});
