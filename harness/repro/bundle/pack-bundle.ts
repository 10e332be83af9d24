import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { execa } from 'execa';
import { type Pack, pack } from 'tar-stream';
import { HostError, UsageError } from '../../errors.js';
import { withFileErrors } from '../../host/file-errors.js';

/** A file of a bundle: text made here, or a file of this host. */
export interface PackedFile {
  readonly name: string;
  readonly content: string | { readonly path: string };
  readonly executable?: boolean;
}

/** How a bundle of this name is compressed. @throws UsageError for another name */
export function compressionOf(file: string): 'zstd' | 'gzip' {
  const [, suffix] = /\.tar\.(zst|gz)$/.exec(file) ?? [];
  if (suffix !== undefined) return suffix === 'zst' ? 'zstd' : 'gzip';
  throw new UsageError('a bundle is called NAME.tar.zst or NAME.tar.gz', {
    where: file,
    remedy: 'use one of these names; zstd packs faster and smaller, gzip unpacks everywhere',
  });
}

/**
 * Writes files as a compressed tar with one folder in it: the same files give the same bytes (sorted, times, owners and
 * modes fixed). It appears under its name only when it is whole.
 *
 * @throws HostError where it can't be written, or zstd is missing; the signal's reason
 */
export async function packBundle(
  folder: string,
  files: readonly PackedFile[],
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const compression = compressionOf(file);
  const partial = join(dirname(file), `.${basename(file)}.${process.pid}.partial`);
  try {
    await withFileErrors(file, async () => {
      const tar = pack();
      // a failure of the reader (no space) ends the writer as well, and the other way round
      const written = compress(tar, compression, partial, signal);
      const filled = fill(tar, folder, files).catch((error: unknown) => {
        tar.destroy(error instanceof Error ? error : new Error(String(error)));
        throw error;
      });
      const [packed, fed] = await Promise.allSettled([written, filled]);
      if (packed.status === 'rejected') throw packed.reason;
      if (fed.status === 'rejected') throw fed.reason;
      await rename(partial, file);
    });
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    signal.throwIfAborted();
    if (error instanceof HostError && error.remedy?.includes('KMATRIX_CACHE'))
      throw new HostError(`the bundle can't be written: ${error.message}`, {
        where: file,
        remedy: 'free space, or name a bundle in another folder',
        cause: error.cause,
      });
    throw error;
  }
}

async function fill(tar: Pack, folder: string, files: readonly PackedFile[]): Promise<void> {
  const fixed = { mtime: packedAt, uid: 0, gid: 0, uname: 'root', gname: 'root' };
  tar.entry({ ...fixed, name: `${folder}/`, type: 'directory', mode: 0o755 });
  for (const { name, content, executable } of files.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const header = { ...fixed, name: `${folder}/${name}`, mode: executable ? 0o755 : 0o644 };
    if (typeof content === 'string') {
      tar.entry(header, content);
      continue;
    }
    const { size } = await stat(content.path);
    // `end`: a file that grows meanwhile would not fit its header
    await pipeline(
      createReadStream(content.path, size === 0 ? {} : { end: size - 1 }),
      tar.entry({ ...header, size }),
    );
  }
  tar.finalize();
}

/** Any fixed time; tar(1) complains of 1970. */
const packedAt = new Date('2013-04-01T00:00:00Z');

async function compress(
  tar: Pack,
  compression: 'zstd' | 'gzip',
  partial: string,
  signal: AbortSignal,
): Promise<void> {
  const out = createWriteStream(partial, { flags: 'wx' });
  if (compression === 'gzip') return pipeline(tar, createGzip({ level: 6 }), out, { signal });
  const zstd = execa('zstd', ['-q', '-c', '-6', '-T1'], {
    stdin: 'pipe',
    buffer: { stdout: false },
    maxBuffer: 10_000,
    reject: false,
    cancelSignal: signal,
  });
  const written = pipeline(zstd.stdout, out);
  written.catch(() => zstd.kill());
  const fed = pipeline(tar, zstd.stdin);
  const [stored, pushed, { failed, code, stderr, shortMessage }] = await Promise.all([
    settled(written),
    settled(fed),
    zstd,
  ]);
  await finished(out).catch(() => {});
  if (code === 'ENOENT')
    throw new HostError('zstd is not installed', {
      where: partial,
      remedy: 'kmatrix doctor --install, or name the bundle NAME.tar.gz',
    });
  if (stored !== undefined) throw stored;
  if (failed) throw new HostError(`zstd failed: ${stderr.trim() || shortMessage}`, { where: partial });
  if (pushed !== undefined) throw pushed;
}

/** What a promise failed with; undefined where it didn't. */
const settled = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );
