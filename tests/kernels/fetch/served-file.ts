import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { Wanted } from '../../../harness/kernels/fetch/wanted.js';
import { makeBench } from './archive-context.js';

/** The bytes of the one file that is served. */
export const bytes = randomBytes(300_000);
export const sha256 = createHash('sha256').update(bytes).digest('hex');

/** A server with one file, and what to ask of it. */
export async function serveOne(t: Test) {
  const bench = await makeBench(t);
  await writeFile(join(bench.folder, 'file.deb'), bytes);
  const wanted: Wanted = {
    url: `${bench.server.url}/file.deb`,
    what: 'file',
    digests: { sha256 },
    bytes: bytes.length,
    maximumBytes: 2 ** 20,
  };
  return { ...bench, wanted };
}
