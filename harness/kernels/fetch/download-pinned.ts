import { ImageError } from '../../errors.js';
import { type FetchContext, warn } from './context.js';
import { download } from './download.js';
import type { Download } from './download-cache.js';
import { addPin, type PinFiles, readPin } from './pins.js';

/**
 * A file that nothing signs, held to the SHA-256 in a lock file; the first download writes it into the user's.
 *
 * @param maximumBytes largest size accepted
 * @throws ImageError with both hashes where the bytes aren't the pinned ones
 */
export async function downloadPinned(
  url: string,
  pins: PinFiles,
  maximumBytes: number,
  context: FetchContext,
): Promise<Download> {
  const what = new URL(url).pathname.split('/').at(-1) || url;
  const pinned = await readPin(pins, url);
  const remedy = `if it changed for a good reason, remove its line from ${pins.own} and fetch again; else look for another server`;
  if (pinned !== undefined) {
    return download({ url, what, digests: { sha256: pinned }, maximumBytes, remedy }, context);
  }
  const fetched = await download({ url, what, digests: {}, maximumBytes }, context);
  const holds = await addPin(pins, url, fetched.sha256);
  if (holds !== fetched.sha256) {
    throw new ImageError(`${what} has the wrong sha256: ${fetched.sha256}, not ${holds}`, {
      where: url,
      remedy,
    });
  }
  warn(context, `${what} is trusted on first use: nothing signs it; its SHA-256 is now in ${pins.own}`);
  return fetched;
}
