import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { cacheFolder, cacheRoot } from '../../host/cache.js';
import { codeOf, withFileErrors } from '../../host/file-errors.js';
import { sha256 } from '../../host/hash.js';
import { withLock } from '../../host/lock.js';
import { projectRoot } from '../../host/project.js';

/** The two lock files of what comes from a URL: what is said to be there must be there. */
export interface PinFiles {
  /** The project's, in version control: hashes that were published. Never written, so that a copy may be read-only. */
  readonly known: string;
  /** This user's: what was there when it was first seen. */
  readonly own: string;
}

export const kernelPins = (): PinFiles => ({
  known: join(projectRoot, 'images', 'kernels.lock'),
  own: join(cacheRoot(), 'kernels.lock'),
});

/**
 * SHA-256 (hex) that a URL is pinned to, undefined where it isn't yet: the project's word before the user's.
 *
 * @throws UsageError for a lock file that isn't one
 */
export async function readPin({ known, own }: PinFiles, url: string): Promise<string | undefined> {
  return (await readPins(known)).get(url) ?? (await readPins(own)).get(url);
}

/**
 * Pins a URL that isn't pinned yet, in the user's file; that is written whole or not at all, and two processes don't lose
 * each other's lines.
 *
 * @returns the pin that holds: another process may have been first, with other bytes
 */
export async function addPin(files: PinFiles, url: string, hash: string): Promise<string> {
  const file = files.own;
  const lock = join(await cacheFolder('locks'), `pins-${sha256(file).slice(0, 16)}`);
  return withLock(lock, async () => {
    const known = await readPin(files, url);
    if (known !== undefined) return known;
    const pins = await readPins(file);
    await withFileErrors(file, () => writeFileAtomic(file, write(new Map(pins).set(url, hash))));
    return hash;
  });
}

const pinsSchema = z
  .record(
    z.string().regex(/^https?:\/\/\S+$/, 'a key is a URL'),
    z.string().regex(/^[0-9a-f]{64}$/, 'a value is a SHA-256 of 64 lower-case hexadecimal digits'),
  )
  .nullable();

async function readPins(file: string): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  });
  // all scalars are text: a hash of digits, or of digits with one e, would else be a number
  const document = parseDocument(text, { schema: 'failsafe' });
  const [broken] = document.errors;
  const pins = pinsSchema.safeParse(document.toJS());
  if (broken !== undefined || !pins.success) {
    const line = broken?.linePos?.[0];
    const why =
      broken?.message.split('\n')[0] ??
      pins.error?.issues.map(({ path, message }) => `${path.join('')}: ${message}`)[0];
    throw new UsageError(`not a lock file for kernels: ${why}`, {
      where: line ? `${file}:${line.line}:${line.col}` : file,
      remedy: 'fix or remove it; lines are URL: SHA-256',
    });
  }
  return new Map(Object.entries(pins.data ?? {}));
}

function write(pins: ReadonlyMap<string, string>): string {
  const lines = [...pins]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([url, hash]) => `${JSON.stringify(url)}:\n  ${hash}\n`);
  return `${heading}${lines.join('')}`;
}

const heading = `# SHA-256 of files that matrix.yml names by URL, as first downloaded, or as a signed list had it. kmatrix adds a line when
# it meets a new URL, and refuses other bytes from then on. To accept a change, remove the line and fetch again.
`;
