import type { ImageRecord } from './manifest.js';
import { readImages } from './read-run.js';

/** Kernel row → what is known of its image's source (purityOf); null where that was not recorded. Only kernels that were had. */
export type Purities = ReadonlyMap<string, string | null>;

/** @param folder of a run */
export async function recordedPurities(folder: string): Promise<Purities> {
  const ready = (await readImages(folder)).filter(isReady);
  return new Map(ready.map(({ kernel, purity }) => [kernel, purity]));
}

const isReady = (record: ImageRecord): record is ImageRecord & { status: 'ready' } =>
  record.status === 'ready';
