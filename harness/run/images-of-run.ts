import { type BegunImages, begunImages, type RunManifest, readCountedRun } from '../results/index.js';

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
