import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { diskError } from './disk-error.js';
import { nameInPack, readFromPack } from './evidence-pack.js';

/** A console may have been compressed from anything; no reader needs more of it at once. */
const maximumBytes = 256 * 1024 * 1024;

/**
 * The bytes of a stored console.
 *
 * @param name as in StoredAttempt.console
 * @throws HostError where it can't be read
 */
export async function readConsole(folder: string, name: string): Promise<Buffer> {
  const file = join(folder, name);
  const packed = nameInPack(name);
  if (packed !== undefined) {
    const bytes = await readFromPack(folder, packed);
    if (bytes !== undefined) return bytes;
    throw diskError("the console can't be read", file, new Error('the packed evidence has no such file'));
  }
  try {
    return name.endsWith('.gz') ? await readCompressed(file) : await readFile(file);
  } catch (cause) {
    throw diskError("the console can't be read", file, cause);
  }
}

async function readCompressed(file: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const source = createReadStream(file);
  const stream = source.pipe(createGunzip());
  source.once('error', (error) => stream.destroy(error));
  for await (const chunk of stream) {
    const data: Buffer = Buffer.from(chunk);
    chunks.push(data);
    bytes += data.length;
    if (bytes > maximumBytes) break;
  }
  return Buffer.concat(chunks);
}
