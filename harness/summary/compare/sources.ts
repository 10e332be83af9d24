import type { Purities } from '../../results/recorded-purities.js';
import type { KernelSources } from './types.js';

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
