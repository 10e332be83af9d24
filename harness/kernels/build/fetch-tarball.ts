import { ImageError } from '../../errors.js';
import type { SignedSums } from '../../matrix/types.js';
import type { FetchContext } from '../fetch/context.js';
import { download } from '../fetch/download.js';
import { downloadPinned } from '../fetch/download-pinned.js';
import { addPin, type PinFiles, readPin } from '../fetch/pins.js';
import { isNotedSigned, noteSigned, signedSum, sumsOfKernelOrg } from '../fetch/signed-sums.js';
import type { ImageEvent } from '../types.js';

export interface Tarball {
  /** http, https, or file. */
  readonly url: string;
  /** Null: what the lock files and a signed list say, else pinned on first use; of a file, whatever it has. */
  readonly sha256: string | null;
  /** The signed list that names it; that of its folder for kernel.org. */
  readonly sums?: SignedSums;
}

export interface FetchedTarball {
  readonly path: string;
  readonly sha256: string;
  /** Did a signed list have this hash for it? */
  readonly isSigned: boolean;
}

/**
 * A tarball over HTTP. What it must be is said, in this order, by the row, the project's lock file, the user's lock file and a
 * signed list; the list is asked in any case where it can be, and one that contradicts is an error. Where nobody knows, the
 * first download is trusted, and pinned.
 *
 * @throws ImageError where it can't be had, has other bytes than it should, or its list is signed wrongly
 */
export async function fetchTarball(
  { url, sha256, sums = sumsOfKernelOrg(url) }: Tarball,
  name: string,
  context: FetchContext,
  pins: PinFiles,
): Promise<FetchedTarball> {
  const pinned = sha256 ?? (await readPin(pins, url));
  const get = async (hash: string) =>
    download({ url, what: name, digests: { sha256: hash }, maximumBytes }, context);
  if (pinned !== undefined && sums !== undefined && (await isNotedSigned(pinned, sums))) {
    return { ...(await get(pinned)), isSigned: true };
  }
  // that a tarball is not checked says something only of one that can be had
  const warnings: ImageEvent[] = [];
  const onEvent = (event: ImageEvent): void =>
    event.type === 'image-warning' ? void warnings.push(event) : context.onEvent(event);
  const listed = sums && (await signedSum(sums, name, { ...context, onEvent }, pinned !== undefined));
  const warn = (): void => {
    for (const warning of warnings) context.onEvent(warning);
  };
  if (listed === undefined) {
    const fetched =
      sha256 === null ? await downloadPinned(url, pins, maximumBytes, context) : await get(sha256);
    warn();
    return { ...fetched, isSigned: false };
  }
  if (pinned !== undefined && pinned !== listed) {
    throw new ImageError(`the signed list has another sha256 for ${name}: ${listed}, not ${pinned}`, {
      where: sums?.url,
      remedy: `find out which of the two is right; if the wrong one is in ${pins.own}, remove its line there`,
    });
  }
  const fetched = await get(listed);
  warn();
  if (sums !== undefined) await noteSigned(listed, sums);
  if (pinned === undefined) await addPin(pins, url, listed);
  return { ...fetched, isSigned: true };
}

/** Linux 6.x has 1.5 GB unpacked and 230 MB packed with gzip. */
const maximumBytes = 1024 ** 3;
