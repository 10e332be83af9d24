import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { cacheFolder } from '../../host/cache.js';
import { codeOf, withFileErrors } from '../../host/file-errors.js';
import { sha256 } from '../../host/hash.js';
import { withLock } from '../../host/lock.js';
import { projectRoot } from '../../host/project.js';

/** The lock file of kernels that come from a URL alone: what was first seen there is what must be there ever after. */
export const kernelsLock = (): string => join(projectRoot, 'images', 'kernels.lock');

/**
 * SHA-256 (hex) that a URL is pinned to, undefined where it isn't yet.
 *
 * @throws UsageError for a lock file that isn't one
 */
export async function readPin(file: string, url: string): Promise<string | undefined> {
  return (await readPins(file)).get(url);
}

/**
 * Pins a URL that isn't pinned yet; the file is written whole or not at all, and two processes don't lose each other's
 * lines.
 *
 * @returns the pin that holds: another process may have been first, with other bytes
 */
export async function addPin(file: string, url: string, hash: string): Promise<string> {
  const lock = join(await cacheFolder('locks'), `pins-${sha256(file).slice(0, 16)}`);
  return withLock(lock, async () => {
    const pins = await readPins(file);
    const known = pins.get(url);
    if (known !== undefined) return known;
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
    throw new UsageError(`not a lock file of kernels: ${why}`, {
      where: line ? `${file}:${line.line}:${line.col}` : file,
      remedy: 'take it back from version control; lines are URL: SHA-256',
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

const heading = `# SHA-256 of every file that matrix.yml names by URL alone, as first downloaded. kmatrix adds a line when it meets a new
# URL, and refuses other bytes from then on. To accept a change, remove the line and fetch again. Keep this file in
# version control.
`;
