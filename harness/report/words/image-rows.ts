import type { KernelSummary } from '../../summary/types.js';
import { secondsText } from './cell-text.js';
import { provenanceText } from './row-label.js';

/** Heads of imageRows' columns, but for the first, the kernel. The columns that say most come first. */
export const imageColumns = [
  'release',
  'purity',
  'check-config',
  'boots in',
  'ready in',
  'made in',
  'verified',
  'from',
] as const;

/**
 * What a run learnt of each kernel that it had, as text.
 *
 * @param safe makes foreign text fit for where it goes, and cuts it there
 */
export const imageRows = (
  kernels: readonly KernelSummary[],
  safe: (text: string, most: number) => string,
): string[][] =>
  kernels
    .filter(({ provenance }) => provenance !== '')
    .map(
      ({ id, release, purity, config, imageSeconds, bootSeconds, restoreSeconds, verified, provenance }) => [
        id,
        safe(release, 60),
        purity === null ? 'unknown' : safe(purity, 60),
        config === null ? 'not known' : safe(config, 100),
        ...[bootSeconds, restoreSeconds, imageSeconds].map((seconds) =>
          seconds === null ? '' : secondsText(seconds),
        ),
        verified ? 'yes' : 'no',
        safe(provenanceText(provenance), 300),
      ],
    );
