import type { AttemptResult } from '../attempt/types.js';
import type { ImageRecord } from './manifest.js';
import { withoutHostPaths } from './without-host-paths.js';

/** Reasons that are the kernel's tell of the guest; only those of this host can name its folders. */
export const publicReason = ({ outcome, reason }: AttemptResult): string =>
  outcome === 'unavailable' || outcome === 'harness-error' ? withoutHostPaths(reason) : reason;

export const publicImage = (image: ImageRecord): ImageRecord =>
  image.status === 'ready'
    ? {
        ...image,
        provenance: withoutHostPaths(image.provenance),
        ...(image.onlyTcgBoots !== undefined && { onlyTcgBoots: withoutHostPaths(image.onlyTcgBoots) }),
      }
    : { ...image, reason: withoutHostPaths(image.reason) };
