import { ImageError } from '../../errors.js';
import type { ArchiveSuite } from '../../matrix/types.js';
import type { CompressionSuffix } from '../decompress.js';
import { type FetchContext, warn } from './context.js';
import { strongest } from './digests.js';
import { download } from './download.js';
import type { PackagesFile } from './find-packages.js';
import { suiteUrl } from './layout.js';
import type { Release } from './release.js';

/**
 * The Packages file of a source's component for amd64, in the compression that is quickest to read of those the archive
 * has, verified by what the Release file says of it.
 *
 * @throws ImageError where the suite has no such component, or what `download` throws
 */
export async function fetchPackages(
  source: ArchiveSuite,
  release: Release,
  context: FetchContext,
): Promise<PackagesFile> {
  const base = `${source.component}/binary-amd64/Packages`;
  const suffix = preferred.find((candidate) => release.files.has(`${base}${candidate}`));
  const file = suffix === undefined ? undefined : release.files.get(`${base}${suffix}`);
  if (suffix === undefined || file === undefined) {
    throw new ImageError(`${source.suite} has no component ${source.component} for amd64`, {
      where: suiteUrl(source, 'Release'),
      remedy: `its components: ${release.components.join(', ') || 'not named'}`,
    });
  }
  const what = `Packages${suffix} of ${source.suite} ${source.component}`;
  warnOfWeakDigest(what, file.digests, context);
  const url = suiteUrl(source, `${base}${suffix}`);
  const { path } = await download({ url, what, maximumBytes: 256 * 2 ** 20, ...file }, context);
  const unpacked = release.files.get(base)?.bytes;
  return {
    path,
    url,
    compression: suffix,
    maximumBytes: Math.min(unpacked ?? largestUnpacked, largestUnpacked),
  };
}

/** gzip before bzip2, which takes ten times as long for a tenth less to fetch. */
const preferred = ['.xz', '.gz', '.zst', '.bz2', '.lzma', ''] as const satisfies readonly CompressionSuffix[];

/** sid's has 60 MB. */
const largestUnpacked = 2 ** 30;

/** Old archives have no better; whoever reads a result shall know. */
export function warnOfWeakDigest(
  what: string,
  digests: Parameters<typeof strongest>[0],
  context: FetchContext,
): void {
  const best = strongest(digests)?.algorithm;
  if (best === 'sha1' || best === 'md5') {
    warn(
      context,
      `${what} is verified by ${best === 'md5' ? 'MD5' : 'SHA-1'} only: the archive has no better`,
    );
  }
}
