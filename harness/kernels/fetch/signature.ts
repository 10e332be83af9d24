import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { HostError, ImageError } from '../../errors.js';
import { printable } from '../../host/printable.js';
import { type FetchContext, warn } from './context.js';

export interface SignedFile {
  /** The file that carries the signature: InRelease, or Release.gpg. */
  readonly signature: string;
  /** The file that is signed where the signature is apart from it. */
  readonly content?: string;
  /** Where it came from, for errors. */
  readonly url: string;
  /** For people; a Release file where nothing is said. */
  readonly what?: string;
}

export interface SignaturePolicy {
  /** Names below /usr/share/keyrings, or absolute paths. */
  readonly keyrings: readonly string[];
  readonly acceptExpired: boolean;
  /** Of the primary key (40 capital hexadecimal digits) that alone may sign; any of the key rings where nothing is said. */
  readonly signer?: string;
  /** What can be done where the key at hand can't judge; a row of an archive's where nothing is said. */
  readonly remedies?: KeyRemedies;
}

export interface KeyRemedies {
  readonly expired: string;
  readonly unknown: string;
}

/**
 * The key at hand can't judge the signature: it has expired, or it isn't the one that signed. That says nothing of what is
 * signed, as a bad signature does.
 */
export class KeyError extends ImageError {}

/**
 * Checks a signature with gpgv and these key rings alone, and gives the signed text: of an InRelease only what lies
 * inside the signature. One good signature is enough, as for apt, and a bad one beside it spoils it.
 *
 * @throws ImageError for a signature that is bad or of a key that is revoked; KeyError for one of another key, or of one that
 *   has expired where the row doesn't accept that; HostError without gpgv
 */
export async function verifySignature(
  file: SignedFile,
  policy: SignaturePolicy,
  context: FetchContext,
): Promise<string> {
  const rings = policy.keyrings.map(findKeyring);
  const { status, text } = await runGpgv(file, rings, context);
  const said = status.map((line) => line.split(' ').slice(1));
  const all = (...keywords: string[]) => said.filter(([keyword = '']) => keywords.includes(keyword));
  const { expired: renew, unknown: other } = policy.remedies ?? ofRow;
  const refuse = (what: string, remedy: string) => new ImageError(what, { where: file.url, remedy });
  const undecided = (what: string, remedy: string) => new KeyError(what, { where: file.url, remedy });

  const [bad] = all('BADSIG');
  if (bad) {
    throw refuse(
      `the signature is bad (key ${bad[1]}): ${file.what ?? 'the Release file'} was changed after signing`,
      elsewhere,
    );
  }
  const [revoked] = all('REVKEYSIG');
  const good = all('GOODSIG');
  const expired = all('EXPKEYSIG', 'EXPSIG');
  const valid = all('VALIDSIG');
  if (valid.length === 0 || (good.length === 0 && expired.length === 0)) {
    if (revoked) throw refuse(`the signing key ${revoked[1]} is revoked`, elsewhere);
    const unknown = all('NO_PUBKEY').map(([, key]) => key);
    if (unknown.length > 0) {
      throw undecided(
        `signed with ${unknown.join(', ')}, which is in none of ${policy.remedies ? 'the' : "the row's"} key rings (${policy.keyrings.join(', ')})`,
        other,
      );
    }
    throw refuse('no signature that gpgv can verify', elsewhere);
  }
  const signers = valid.map((words) => words[10] ?? words[1] ?? '');
  if (policy.signer !== undefined && !signers.includes(policy.signer)) {
    throw undecided(`signed by ${signers.join(', ')}, not by ${policy.signer}`, other);
  }
  if (good.length === 0) {
    const keys = expired.map(([, key]) => key).join(', ');
    if (!policy.acceptExpired) {
      throw undecided(`the signing key ${keys} has expired`, renew);
    }
    warn(context, `accepted as the row says: the signing key ${keys} has expired`);
  }
  const weak = valid.every((words) => weakDigests.has(words[8] ?? ''));
  if (weak)
    warn(context, `the signature's own digest is ${weakDigests.get(valid[0]?.[8] ?? '')}, weak today`);
  return text;
}

const ofRow: KeyRemedies = {
  expired:
    'an archive that no longer changes is signed with keys of its time: set acceptExpired: true in the row if you trust it',
  unknown:
    'add the key ring that holds that key to the row (debian-archive-keyring has debian-archive-removed-keys.gpg for old suites)',
};

const elsewhere = 'use another server for this archive; never accept this one';

/** Numbers of RFC 4880, 9.4. */
const weakDigests: ReadonlyMap<string, string> = new Map([
  ['1', 'MD5'],
  ['2', 'SHA-1'],
  ['3', 'RIPEMD-160'],
]);

function findKeyring(name: string): string {
  const path = name.startsWith('/') ? name : join('/usr/share/keyrings', name);
  if (existsSync(path)) return path;
  throw new ImageError(`no key ring ${name}`, {
    where: path,
    remedy: /^ubuntu-/.test(name)
      ? 'install ubuntu-keyring (on Debian: ubuntu-archive-keyring), or give the row the path of a key ring'
      : 'install debian-archive-keyring, or give the row the path of a key ring',
  });
}

/** gpgv's status lines (GnuPG's doc/DETAILS) on descriptor 3; exit codes say less. */
async function runGpgv(
  { signature, content, url }: SignedFile,
  rings: readonly string[],
  { signal }: FetchContext,
): Promise<{ status: readonly string[]; text: string }> {
  const words = ['--status-fd', '3', ...rings.flatMap((ring) => ['--keyring', ring]), '--output', '-'];
  const files = content === undefined ? [signature] : [signature, content];
  const { code, stdio, stdout, stderr, isCanceled, isMaxBuffer } = await execa('gpgv', [...words, ...files], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { LC_ALL: 'C' },
    cancelSignal: signal,
    maxBuffer: 64 * 2 ** 20,
    stripFinalNewline: false,
    reject: false,
  });
  if (isCanceled) signal.throwIfAborted();
  if (code === 'ENOENT') throw new HostError('gpgv is not installed', { remedy: 'install the package gpgv' });
  const status = String(stdio[3] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('[GNUPG:] '));
  if (isMaxBuffer || status.length === 0) {
    throw new ImageError(`gpgv can't read the signature: ${printable(String(stderr).trim(), 300)}`, {
      where: url,
      remedy: `check that it is signed, and the key rings: ${rings.join(', ')}`,
    });
  }
  return { status, text: content === undefined ? String(stdout) : await readFile(content, 'utf8') };
}
