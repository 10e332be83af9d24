import { type ImageRecord, readImages } from '../../results/index.js';
import type { KernelSources } from './types.js';

/** Kernel row → what is known of its image's source (purityOf); null where that was not recorded. Only kernels that were had. */
export type Purities = ReadonlyMap<string, string | null>;

/** @param folder of a run */
export async function readPurities(folder: string): Promise<Purities> {
  const ready = (await readImages(folder)).filter(isReady);
  return new Map(ready.map(({ kernel, purity }) => [kernel, purity]));
}

const isReady = (record: ImageRecord): record is ImageRecord & { status: 'ready' } =>
  record.status === 'ready';

/** Of kernels that both runs had, in the order of the first. */
export const sourcesOf = (one: Purities, other: Purities): KernelSources[] =>
  [...one]
    .filter(([kernel]) => other.has(kernel))
    .map(([kernel, purity]) => ({ kernel, purity: [purity, other.get(kernel) ?? null] }));

/**
 * What is known of the kernels' sources, kernels of which the same is known together. Raw.
 *
 * Sources: signed: debian-6.1-cloud, debian-6.12-cloud; A unchecked, B differs in 3 files: vanilla-3.2.
 */
export function sourcesText(sources: readonly KernelSources[]): string {
  const groups = new Map<string, string[]>();
  for (const { kernel, purity } of sources) {
    const [one, other] = purity.map((known) => known ?? 'unknown');
    const text = one === other ? `${one}` : `A ${one}, B ${other}`;
    groups.set(text, [...(groups.get(text) ?? []), kernel]);
  }
  return `Sources: ${[...groups].map(([text, kernels]) => `${text}: ${kernels.join(', ')}`).join('; ')}.`;
}
