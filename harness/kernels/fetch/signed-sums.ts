import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HostError, ImageError } from '../../errors.js';
import { cacheFolder, cacheRoot } from '../../host/cache.js';
import { withFileErrors } from '../../host/file-errors.js';
import type { SignedSums } from '../../matrix/types.js';
import { type FetchContext, warn } from './context.js';
import { download } from './download.js';
import { KeyError, type KeyRemedies, verifySignature } from './signature.js';

/**
 * kernel.org signs the sums of each folder with a key of its own ("checksum autosigner", www.kernel.org/signature.html). The
 * key is found by its mail address (Web Key Directory): the last part is autosigner's SHA-1 in z-base-32.
 */
export function sumsOfKernelOrg(url: string): SignedSums | undefined {
  if (!/^https:\/\/(cdn|www|mirrors\.edge)\.kernel\.org\/pub\//.test(url)) return undefined;
  return {
    url: new URL('sha256sums.asc', url).href,
    signer: 'B8868C80BA62A1FFFAF5FDA9632D3A06589DA6B1',
    keyUrl: 'https://www.kernel.org/.well-known/openpgpkey/hu/ew8uiogxwri7d3fuioqgt7u1d5sngorx?l=autosigner',
    keyring: 'kernel.org-autosigner.gpg',
  };
}

/**
 * The SHA-256 (hex) that a signed list has for a file; undefined, with a warning, where list or key can't be had, which
 * says nothing of the file; nor does a key that has expired or isn't the one that signed, where a pin decides anyway.
 *
 * @param isPinned whether the file's hash is known without the list
 * @throws ImageError where the list is signed wrongly: somebody changed it
 */
export async function signedSum(
  sums: SignedSums,
  name: string,
  context: FetchContext,
  isPinned: boolean,
): Promise<string | undefined> {
  // a list that can't be had is no reason to wait for it
  const once = { ...context, patience: { ...context.patience, attempts: 1 } };
  const without = (why: string): undefined => {
    warn(context, `${name} is not checked against a signature: ${why}`);
  };
  if (context.offline) return undefined;
  const what = `the list of sums of ${name}`;
  const had = await orWhy(async () => {
    const keyring = await keyringOf(sums, once);
    const { path } = await download({ url: sums.url, what, digests: {}, maximumBytes }, once);
    return { keyring, path };
  });
  if (typeof had === 'string') return without(had);
  const policy = {
    ...{ keyrings: [had.keyring], acceptExpired: false, signer: sums.signer },
    remedies: remediesOf(sums, had.keyring),
  };
  const text = await verifySignature({ signature: had.path, url: sums.url, what }, policy, context).catch(
    (error: unknown) => {
      if (!(error instanceof KeyError && isPinned)) throw error;
      without(`${error.message}; its pinned SHA-256 decides. To check it again, ${error.remedy}`);
    },
  );
  if (text === undefined) return undefined;
  const line = text.split('\n').find(
    (one) =>
      one
        .slice(64)
        .replace(/^ [ *]/, '')
        .trimEnd() === name,
  );
  const sum = line?.slice(0, 64) ?? '';
  return /^[0-9a-f]{64}$/.test(sum) ? sum : without(`${sums.url} doesn't name it`);
}

/** Notes that a signed list has this SHA-256, so that nobody has to be asked again. */
export async function noteSigned(sha256: string, sums: SignedSums): Promise<void> {
  const path = join(await cacheFolder('signed'), sha256);
  await withFileErrors(path, () => writeFile(path, `${sums.url} ${sums.signer}\n`));
}

/** Was it noted, for this signer? */
export const isNotedSigned = async (sha256: string, { signer }: SignedSums): Promise<boolean> =>
  (await readFile(join(cacheRoot(), 'signed', sha256), 'utf8').catch(() => '')).trim().endsWith(` ${signer}`);

/** A ring of the user's own is found before the key is fetched, so that an old one stays in use until it is replaced. */
function remediesOf({ signer, keyUrl, keyring }: SignedSums, used: string): KeyRemedies {
  const own = givenRings(keyring).includes(used);
  const remedy = own
    ? `replace ${used} with the current key of ${signer}, or remove it: the key is then fetched from ${keyUrl}`
    : `look up the signer's current key, gpg --export it to ${givenRings(keyring)[0]}, and if its fingerprint is new, name that as signer under the row's tarball.sums`;
  return { expired: remedy, unknown: remedy };
}

/** kernel.org's longest has 500 kB. */
const maximumBytes = 8 * 2 ** 20;

/** Where a user or a package may put the key. */
const givenRings = (keyring: string): readonly string[] => [
  join(cacheRoot(), 'keyrings', keyring),
  join('/usr/share/keyrings', keyring),
];

async function keyringOf({ keyring, keyUrl, signer }: SignedSums, context: FetchContext): Promise<string> {
  const found = givenRings(keyring).find((path) => existsSync(path));
  if (found !== undefined) return found;
  const what = `the key ${signer.slice(-16)}`;
  return (await download({ url: keyUrl, what, digests: {}, maximumBytes: 2 ** 20 }, context)).path;
}

/** What can't be had is told as it is; everything else ends the work. */
async function orWhy<T extends object>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ImageError || error instanceof HostError) return error.message;
    throw error;
  }
}
