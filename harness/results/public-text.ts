import type { AttemptResult } from '../attempt/types.js';
import type { ImageRecord } from './manifest.js';

/**
 * Text that is published, without folders of the host that it was written on: of each absolute path only the last part
 * stays. What every Linux has at the same place (/dev, /proc, /sys) says something and stays whole; so do URLs.
 *
 * A folder with a space in its name loses what stands before the space, which is enough: no absolute path is left.
 */
export const withoutHostPaths = (text: string): string =>
  text.replaceAll('file://', '').replace(absolutePath, (path) => path.slice(path.lastIndexOf('/') + 1));

// a slash that begins a path: not inside one, not of a URL; a trailing slash belongs to the folder that is left out
const absolutePath =
  /(?<![\w.~%+/-])\/(?!\/|(?:dev|proc|sys)(?:\/|\b))[^\s'"`()<>:;,|]*[^\s'"`()<>:;,|/.](?=[\s'"`()<>:;,|/.]|$)/g;

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
