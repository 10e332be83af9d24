import type { UrlSource } from '../../matrix/types.js';
import { type FetchContext, step } from './context.js';
import type { Download } from './download-cache.js';
import { downloadPinned } from './download-pinned.js';
import type { PinFiles } from './pins.js';
import { type FetchedDebs, maximumDebBytes } from './publish-debs.js';

/**
 * The packages of a row that names them by URL: the kernel's, and those beside it (-extra, -modules).
 *
 * @throws ImageError where one isn't there or isn't what a lock file says
 */
export async function fetchFromUrls(
  { urls }: UrlSource,
  pins: PinFiles,
  context: FetchContext,
): Promise<FetchedDebs> {
  const debs: Download[] = [];
  for (const url of urls) {
    step(context, `fetching ${url}`);
    debs.push(await downloadPinned(url, pins, maximumDebBytes, context));
  }
  const names = urls.map((url) => new URL(url).pathname.split('/').at(-1));
  const hashes = debs.map(({ sha256 }) => sha256.slice(0, 12));
  return { debs, provenance: `${names.join(' + ')} (url, sha256 ${hashes.join(', ')}…)` };
}
