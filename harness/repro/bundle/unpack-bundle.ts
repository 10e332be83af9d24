import { createReadStream, createWriteStream } from 'node:fs';
import { open, readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';
import { HostError, ImageError, UsageError } from '../../errors.js';
import { codeOf, withFileErrors } from '../../host/file-errors.js';
import { sha256, sha256File } from '../../host/hash.js';
import { printable } from '../../host/printable.js';
import { decompress } from '../../kernels/decompress.js';
import { type BundleDescription, bundleDescription } from './bundle-description.js';
import { type BundleFile, bundleFiles, filesToReplay, isBundleFile } from './bundle-files.js';
import { checkSnapshots } from './check-snapshots.js';

/** A bundle as unpacked, checked against its own description. */
export interface UnpackedBundle {
  /** As of writeBundle. */
  readonly id: string;
  readonly folder: string;
  readonly description: BundleDescription;
}

/**
 * Unpacks what a replay needs. Whoever made it is not trusted: only files that a bundle has, plain ones, once
 * each, below one folder, within their sizes; nothing is written outside `folder`, and nothing in it is executed here.
 *
 * @param folder existing and empty
 * @throws UsageError for what is no bundle, a broken or a hostile one; HostError for this host's troubles
 */
export async function unpackBundle(
  file: string,
  folder: string,
  signal: AbortSignal,
): Promise<UnpackedBundle> {
  const suffix = await suffixOf(file);
  let unpacked: ReadonlySet<BundleFile> = new Set();
  try {
    await withFileErrors(folder, () =>
      decompress(createReadStream(file, { signal }), suffix, file, async (plain) => {
        const entries = extract();
        const feeding = pipeline(plain, entries);
        feeding.catch(() => undefined);
        unpacked = await unpackEntries(entries, folder, file);
        await feeding;
      }),
    );
  } catch (error) {
    signal.throwIfAborted();
    throw asUsageError(error, file);
  }
  const { id, description } = await readDescription(folder, file);
  await verify(description, unpacked, folder, file);
  return { id, folder, description };
}

/** By its first bytes: a bundle may have been renamed on its way. */
async function suffixOf(file: string): Promise<'.gz' | '.zst'> {
  const start = Buffer.alloc(4);
  try {
    const handle = await open(file);
    try {
      await handle.read(start, 0, start.length, 0);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new UsageError("the bundle can't be read", {
      where: file,
      remedy: 'name a file that exists',
      cause,
    });
  }
  if (start.readUInt16BE() === 0x1f8b) return '.gz';
  if (start.readUInt32BE() === 0x28b52ffd) return '.zst';
  throw new UsageError('this is no bundle: neither gzip nor zstd', {
    where: file,
    remedy: 'kmatrix repro --bundle FILE makes one',
  });
}

async function unpackEntries(
  entries: AsyncIterable<AsyncIterable<unknown> & { readonly header: Header; resume(): void }>,
  folder: string,
  file: string,
): Promise<ReadonlySet<BundleFile>> {
  const seen = new Set<BundleFile>();
  let top: string | undefined;
  for await (const entry of entries) {
    const { type, size = 0 } = entry.header;
    const refuse = (why: string): never => {
      throw hostile(`${printable(entry.header.name, 200)} ${why}`, file);
    };
    const [, own, name] = /^([A-Za-z0-9._+-]+)\/([^/]*)$/.exec(entry.header.name) ?? [];
    if (own === undefined || own === '.' || own === '..') return refuse('is outside its one folder');
    top ??= own;
    if (own !== top) refuse(`is outside its one folder, ${top}`);
    if (type === 'directory' && name === '' && size === 0) {
      entry.resume();
      continue;
    }
    if (type !== 'file') refuse(`is a ${type ?? 'special file'}, not a plain file`);
    if (name === undefined || !isBundleFile(name)) return refuse('is no file of a bundle');
    if (size > bundleFiles[name]) refuse(`has ${size} bytes, more than the ${bundleFiles[name]} allowed`);
    if (seen.has(name)) refuse('is there twice');
    seen.add(name);
    if (filesToReplay.has(name)) {
      await requireSpace(folder, size);
      await pipeline(entry, createWriteStream(join(folder, name), { flags: 'wx', mode: 0o644 }));
    } else entry.resume();
  }
  return seen;
}

/** Sizes come from whoever made the bundle: what they add up to must fit before it is written, not fill the disk. */
async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bytes + spareBytes <= bavail * bsize) return;
  throw new HostError(
    `the bundle unpacks to ${mebibytes(bytes)} more, but only ${mebibytes(bavail * bsize)} are free`,
    {
      where: folder,
      remedy: 'free space there, or name another folder in TMPDIR',
    },
  );
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
/** What other programs of the host still find. */
const spareBytes = 2 ** 28;

async function readDescription(
  folder: string,
  file: string,
): Promise<Pick<UnpackedBundle, 'id' | 'description'>> {
  let value: unknown;
  let text: string;
  try {
    text = await readFile(join(folder, 'bundle.json'), 'utf8');
    value = JSON.parse(text);
  } catch (cause) {
    throw new UsageError('this is no bundle: no bundle.json that can be read', { where: file, cause });
  }
  const parsed = bundleDescription.safeParse(value);
  if (parsed.success) return { id: sha256(text), description: parsed.data };
  const [issue] = parsed.error.issues;
  throw new UsageError(
    `bundle.json: ${issue?.path.join('.') || 'document'}: ${issue?.message ?? "doesn't fit"}`,
    { where: file, remedy: 'it may come from another version of kmatrix' },
  );
}

async function verify(
  { files, recording }: BundleDescription,
  unpacked: ReadonlySet<BundleFile>,
  folder: string,
  file: string,
): Promise<void> {
  const needed: BundleFile[] = ['bzImage', 'initramfs', 'console.log'];
  if (recording !== null) needed.push('execution.log', 'snapshots.qcow2', 'recorded-console.log');
  for (const name of needed) {
    if (!Object.hasOwn(files, name)) throw new UsageError(`the bundle lacks ${name}`, { where: file });
  }
  for (const name of unpacked) {
    if (!Object.hasOwn(files, name) && name !== 'bundle.json')
      throw hostile(`${name} is in it, and not in its description`, file);
  }
  for (const name of filesToReplay) {
    const listed = Object.hasOwn(files, name) ? files[name] : undefined;
    if (listed === undefined) continue;
    const found = await sha256File(join(folder, name)).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (found === listed.sha256) continue;
    throw new UsageError(`the bundle is broken: ${name} is not what its description says (SHA-256)`, {
      where: file,
      remedy: 'fetch it again',
    });
  }
  if (recording !== null) await checkSnapshots(join(folder, 'snapshots.qcow2'), file);
}

const hostile = (what: string, where: string): UsageError =>
  new UsageError(`the bundle is hostile or broken: ${what}`, {
    where,
    remedy: 'nothing of it was run; ask whoever gave it to you',
  });

/** Broken compression and broken tar are wrong words of the caller's, who named the file. */
function asUsageError(error: unknown, where: string): unknown {
  if (error instanceof ImageError)
    return new UsageError(`the bundle is broken: ${error.message}`, { where, cause: error.cause });
  const ofTar =
    error instanceof Error && /^(Unexpected end|Invalid|Unsupported|Header exceeds)/.test(error.message);
  return ofTar ? hostile(error.message, where) : error;
}
