import { isReproduced } from './attribute.js';
import { type Bundled, type BundleOptions, bundleFinding } from './bundle-finding.js';
import type { Finding } from './finding.js';
import type { KernelReproduction, Reproduction } from './reproduce.js';

/** The file and what is in it, or why there is none. */
export type BundleOutcome = ({ readonly file: string } & Bundled) | { readonly error: string };

/**
 * Bundles the attempt that shows a reproduction best. One that was interrupted is not: a bundle takes long, and whoever
 * interrupts wants an end.
 *
 * @throws as bundleFinding does
 */
export async function bundleReproduction(
  { kernels, folder, interrupted }: Reproduction,
  options: Omit<BundleOptions, 'folder'>,
): Promise<BundleOutcome> {
  if (interrupted) return { error: 'interrupted' };
  const finding = findingToBundle(kernels);
  if (finding === null) return { error: 'no kernel failed' };
  return { file: options.file, ...(await bundleFinding(finding, { ...options, folder })) };
}

/** Of the first kernel that reproduced the bug; where none did, of the first that failed at all. */
export function findingToBundle(
  kernels: readonly Pick<KernelReproduction, 'attribution' | 'finding'>[],
): Finding | null {
  const failed = kernels.filter(({ finding }) => finding !== null);
  const best = failed.find(({ attribution }) => isReproduced(attribution)) ?? failed[0];
  return best?.finding ?? null;
}
