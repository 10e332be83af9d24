import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { execa } from 'execa';
import { HostError, ImageError } from '../errors.js';

/** Compressions of packages and of modules, by suffix. */
export const compressions = {
  '': undefined,
  '.gz': 'gzip',
  '.xz': 'xz',
  '.lzma': 'lzma',
  '.bz2': 'bzip2',
  '.zst': 'zstd',
} as const;
export type CompressionSuffix = keyof typeof compressions;

export const isCompression = (suffix: string): suffix is CompressionSuffix =>
  Object.hasOwn(compressions, suffix);

/**
 * Streams `source` decompressed into `consume`: gzip in this process, the others by the host's own tools.
 *
 * @param where the compressed file, for errors
 * @throws ImageError where the data is broken, HostError where the tool is missing, whatever `consume` throws
 */
export async function decompress<T>(
  source: Readable,
  suffix: CompressionSuffix,
  where: string,
  consume: (plain: Readable) => Promise<T>,
): Promise<T> {
  if (suffix === '') return consume(source);
  const tool = tools[suffix];
  return tool === undefined ? gunzip(source, where, consume) : pipeThrough(source, tool, where, consume);
}

const tools: Readonly<
  Record<string, { readonly command: readonly [string, ...string[]]; readonly package: string }>
> = {
  '.xz': { command: ['xz', '-dc', '--memlimit=1GiB'], package: 'xz-utils' },
  '.lzma': { command: ['xz', '-dc', '--format=lzma', '--memlimit=1GiB'], package: 'xz-utils' },
  '.bz2': { command: ['bzip2', '-dc'], package: 'bzip2' },
  '.zst': { command: ['zstd', '-dcq', '-M1024MB'], package: 'zstd' },
};

async function gunzip<T>(
  source: Readable,
  where: string,
  consume: (plain: Readable) => Promise<T>,
): Promise<T> {
  const plain = createGunzip();
  const [fed, consumed] = await Promise.allSettled([pipeline(source, plain), consumeAll(plain, consume)]);
  if (consumed.status === 'rejected' && !isZlib(consumed.reason)) throw consumed.reason;
  if (fed.status === 'rejected') throw corrupt(where, fed.reason);
  if (consumed.status === 'rejected') throw corrupt(where, consumed.reason);
  return consumed.value;
}

async function pipeThrough<T>(
  source: Readable,
  tool: { readonly command: readonly [string, ...string[]]; readonly package: string },
  where: string,
  consume: (plain: Readable) => Promise<T>,
): Promise<T> {
  const [name, ...words] = tool.command;
  const child = execa(name, words, {
    stdin: 'pipe',
    reject: false,
    buffer: { stdout: false },
    maxBuffer: 10_000,
  });
  // EPIPE when the tool gives up early: its exit status says more
  const feeding = pipeline(source, child.stdin).catch(() => undefined);
  const plain = child.stdout.pipe(new PassThrough());
  const consumed = await Promise.allSettled([consumeAll(plain, consume)]).then(([result]) => result);
  if (consumed.status === 'rejected') child.kill();
  const [{ failed, code, stderr, shortMessage }] = await Promise.all([child, feeding]);
  if (code === 'ENOENT') {
    throw new HostError(`${name} is not installed`, { where, remedy: `install the package ${tool.package}` });
  }
  if (consumed.status === 'rejected') throw consumed.reason;
  if (failed) throw corrupt(where, stderr.trim() || shortMessage);
  return consumed.value;
}

/** What the consumer leaves is read away: padding after a tar's end must not block the tool that writes it. */
async function consumeAll<T>(plain: Readable, consume: (plain: Readable) => Promise<T>): Promise<T> {
  const result = await consume(plain);
  plain.resume();
  return result;
}

const isZlib = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^Z_|^ERR_STREAM_PREMATURE/.test(String(error.code));

const corrupt = (where: string, why: unknown): ImageError =>
  new ImageError(`broken compressed data: ${why instanceof Error ? why.message : String(why)}`, {
    where,
    remedy: 'remove it and fetch it again',
    cause: why,
  });
