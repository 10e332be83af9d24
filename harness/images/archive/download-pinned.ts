import { ImageError } from '../../errors.js';
import { type FetchContext, warn } from './context.js';
import { download } from './download.js';
import type { Download } from './download-cache.js';
import { addPin, readPin } from './pins.js';

/**
 * A file that nothing signs, held to the SHA-256 in the lock file; the first download writes it there.
 *
 * @param lockFile images/kernels.lock (kernelsLock)
 * @param maximumBytes largest size accepted
 * @throws ImageError with both hashes where the bytes aren't the pinned ones
 */
export async function downloadPinned(
  url: string,
  lockFile: string,
  maximumBytes: number,
  context: FetchContext,
): Promise<Download> {
  const what = new URL(url).pathname.split('/').at(-1) || url;
  const pinned = await readPin(lockFile, url);
  const remedy = `if it changed for a good reason, remove its line from ${lockFile} and fetch again; else look for another server`;
  if (pinned !== undefined) {
    return download({ url, what, digests: { sha256: pinned }, maximumBytes, remedy }, context);
  }
  const fetched = await download({ url, what, digests: {}, maximumBytes }, context);
  const holds = await addPin(lockFile, url, fetched.sha256);
  if (holds !== fetched.sha256) {
    throw new ImageError(`${what} has the wrong sha256: ${fetched.sha256}, not ${holds}`, {
      where: url,
      remedy,
    });
  }
  warn(context, `${what} is trusted on first use: nothing signs it; its SHA-256 is now in ${lockFile}`);
  return fetched;
}
