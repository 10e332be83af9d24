import { ImageError } from '../../errors.js';
import type { ArchiveSuite } from '../../matrix/types.js';
import { type FetchContext, warn } from './context.js';
import { download, downloadIfPresent } from './download.js';
import { suiteUrl } from './layout.js';
import { parseRelease, type Release } from './release.js';
import { type SignedFile, verifySignature } from './signature.js';

/**
 * The Release file of a source's suite: fetched (InRelease, or Release with Release.gpg as before 2013), its signature
 * checked, and found to be of that suite and in date, or accepted all the same where the row says so.
 *
 * @throws ImageError
 */
export async function fetchRelease(source: ArchiveSuite, context: FetchContext): Promise<Release> {
  const signed = await fetchSigned(source, context);
  const release = parseRelease(await verifySignature(signed, source, context), signed.url);
  checkName(release, source, signed.url);
  checkDate(release, source, signed.url, context);
  return release;
}

/** sid's InRelease has 200 kB; old ones with an index per language some MB. */
const maximumBytes = 32 * 2 ** 20;

async function fetchSigned(source: ArchiveSuite, context: FetchContext): Promise<SignedFile> {
  const wanted = (name: string) => ({
    url: suiteUrl(source, name),
    what: `${name} of ${source.suite}`,
    digests: {},
    maximumBytes,
  });
  const inRelease = wanted('InRelease');
  const inline = await downloadIfPresent(inRelease, context);
  if (inline !== undefined) return { signature: inline.path, url: inRelease.url };
  const release = wanted('Release');
  const content = await download(release, context);
  const signature = await download(wanted('Release.gpg'), context);
  return { signature: signature.path, content: content.path, url: release.url };
}

/** A signed file of another suite in this one's place would verify too. */
function checkName({ names }: Release, { suite }: ArchiveSuite, where: string): void {
  // security suites were called squeeze/updates and signed as squeeze
  if (names.some((name) => name === suite || name === suite.split('/')[0])) return;
  throw new ImageError(`this is the Release file of ${names.join(', ') || 'no suite'}, not of ${suite}`, {
    where,
    remedy: 'correct the suite in the row, or use another server',
  });
}

function checkDate(
  { validUntil }: Release,
  { acceptExpired }: ArchiveSuite,
  where: string,
  context: FetchContext,
): void {
  if (validUntil === undefined || Date.now() <= validUntil) return;
  const day = new Date(validUntil).toISOString().slice(0, 10);
  if (!acceptExpired) {
    throw new ImageError(`the Release file was valid only until ${day}`, {
      where,
      remedy:
        'a snapshot of an archive keeps its old date: set acceptExpired: true in the row if you want that snapshot',
    });
  }
  warn(context, `accepted as the row says: the Release file was valid only until ${day}`);
}
