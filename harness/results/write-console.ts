import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { diskError } from './disk-error.js';

/** Consoles larger than this are stored compressed. */
const compressAboveBytes = 256 * 1024;

const compress = promisify(gzip);

/**
 * Puts a console on disk.
 *
 * @param plainName consoleName
 * @returns its name within the run's folder; '' where there is nothing to store
 * @throws HostError where the disk refuses
 */
export async function writeConsole(folder: string, plainName: string, bytes: Buffer): Promise<string> {
  if (bytes.length === 0) return '';
  const compressed = bytes.length > compressAboveBytes;
  const name = `${plainName}${compressed ? '.gz' : ''}`;
  const path = join(folder, name);
  try {
    await using file = await open(path, 'w');
    await file.writeFile(compressed ? await compress(bytes) : bytes);
    await file.sync();
  } catch (cause) {
    // half a console; the error to tell is the one before
    await rm(path, { force: true }).catch(() => {});
    throw diskError("the console can't be stored", path, cause);
  }
  return name;
}
