import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ImageError } from '../errors.js';
import { codeOf } from '../host/file-errors.js';
import { runTool } from './build/run-tool.js';
import type { KernelEntry } from './types.js';

/** Headers of one kernel, unpacked: what `make -C` is given, and further words that its tools need. */
export interface HeadersUnpacked {
  readonly folder: string;
  readonly words: readonly string[];
}

/** Name of the archive in the entry of a kernel built here. */
export const headersFile = 'headers.tar.xz';

/** In the archive: what make is told of the tools, as JSON. */
export const makeWordsFile = 'kmatrix-make-words.json';

/**
 * Unpacks the headers that were kept when a kernel was built (keepHeaders).
 *
 * @throws ImageError where the kernel has none, or the archive isn't one of ours
 */
export async function unpackBuiltHeaders(
  { release, headers }: KernelEntry,
  folder: string,
  signal: AbortSignal,
): Promise<HeadersUnpacked> {
  if (headers === undefined) throw new ImageError(`no headers were kept of ${release}`);
  await mkdir(folder);
  const purpose = `unpacking the headers of ${release}`;
  await runTool('tar', ['--extract', '--xz', '--no-same-owner', '--file', headers, '-C', folder], {
    purpose,
    signal,
  });
  const file = join(folder, makeWordsFile);
  const words = await readWords(file).catch((cause: unknown) => {
    if (codeOf(cause) !== 'ENOENT' && !(cause instanceof SyntaxError || cause instanceof z.ZodError))
      throw cause;
    throw new ImageError(`${purpose}: they don't say how make was called`, {
      where: `${makeWordsFile} in ${headers}`,
      remedy: 'remove the kernel with kmatrix images remove, and build it again',
      cause,
    });
  });
  return { folder, words };
}

const readWords = async (file: string): Promise<readonly string[]> =>
  wordsSchema.parse(JSON.parse(await readFile(file, 'utf8')));

const wordsSchema = z.array(z.string());
