import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { extract, type Header, type Pack, pack } from 'tar-stream';
import { HostError, ImageError } from '../../errors.js';
import { addEntry, addFolder } from './add-folder.js';
import { type LoweredFloor, lowerFloor } from './lower-floor.js';

export interface UserlandDisk {
  /** Where the squashfs goes. */
  readonly path: string;
  /** A folder of this host that becomes /kmatrix on the disk. */
  readonly extra: string;
  readonly lowered?: LoweredFloor | undefined;
  /** Its list of sources in place of the one that it was made with, which may name folders of this host. */
  readonly sources?: string | undefined;
  readonly epoch: number;
  readonly signal: AbortSignal;
}

export interface WrittenDisk {
  readonly packages: readonly string[];
  /** /var/lib/dpkg/status */
  readonly status: Buffer;
}

/**
 * Writes a root file system that comes as a tar stream as a squashfs (version 4.0, zlib: what every kernel from 2.6.32 on reads).
 *
 * @returns NAME VERSION ARCHITECTURE of each of its packages, sorted, and dpkg's own list
 * @throws ImageError for a system without dpkg's list, one whose floor can't be lowered, or where the squashfs can't be written
 */
export async function writeUserlandDisk(tar: Readable, disk: UserlandDisk): Promise<WrittenDisk> {
  const { path, extra, lowered, sources, epoch, signal } = disk;
  const entries = extract();
  const feeding = pipeline(tar, entries, { signal });
  // its error comes out of the loop too; this only keeps it from counting as unhandled
  feeding.catch(() => undefined);
  const packed = pack();
  const writing = writeSquashfs(packed, path, signal);
  let broken: { readonly error: unknown } | undefined;
  // nobody reads on where the writer has ended
  writing.catch((error: unknown) => {
    broken = { error };
    entries.destroy();
  });
  let status: Buffer | undefined;
  let loaders = 0;
  try {
    for await (const entry of entries) {
      const { header } = entry;
      const name = header.name.replace(/^(\.?\/)+/, '');
      const read = await collect(entry, header);
      const isSources = sources !== undefined && name === sourcesFile;
      const bytes = isSources ? Buffer.from(sources) : read;
      if (name === 'var/lib/dpkg/status') status = bytes;
      if (lowered !== undefined && name === 'etc/ld.so.cache') continue;
      if (lowered !== undefined && bytes !== undefined) {
        loaders += lowerFloor(bytes, `/${name}`, lowered).checks;
      }
      await addEntry(packed, header, bytes);
    }
    await addFolder(packed, extra, 'kmatrix', epoch);
    packed.finalize();
  } catch (error) {
    // where the writer ended first, its own error says why
    const first = broken ?? { error };
    packed.destroy();
    await writing.catch(() => undefined);
    throw first.error;
  }
  await writing;
  if (lowered !== undefined && loaders === 0) {
    throw new ImageError(`no loader that asks for ${lowered.from} or later: there is no floor to lower`, {
      where: path,
    });
  }
  const packages = packageList(status, path);
  return { packages, status: status ?? Buffer.alloc(0) };
}

/** What mmdebstrap makes of a file `sources.list` that it was given. */
const sourcesFile = 'etc/apt/sources.list.d/0000sources.list';

/** Larger ones aren't in a minimal system, and files are held in memory one at a time. */
const mostBytes = 2 ** 27;

async function collect(
  entry: AsyncIterable<unknown>,
  { name, type, size = 0 }: Header,
): Promise<Buffer | undefined> {
  if (size > mostBytes) throw new ImageError(`a file of ${size} bytes in a userland`, { where: name });
  const parts: Buffer[] = [];
  for await (const part of entry) parts.push(Buffer.from(part as Uint8Array));
  return type === 'file' || type === 'contiguous-file' ? Buffer.concat(parts) : undefined;
}

async function writeSquashfs(tar: Pack, path: string, signal: AbortSignal): Promise<void> {
  const words = ['--quiet', '--compressor', 'gzip', '--no-xattr', path];
  const running = execa('tar2sqfs', words, { stdin: 'pipe', cancelSignal: signal, reject: false });
  const feeding = pipeline(tar, running.stdin);
  const [run, fed] = await Promise.all([
    running,
    feeding.then(() => undefined).catch((error: unknown) => ({ error })),
  ]);
  signal.throwIfAborted();
  if (run.code === 'ENOENT')
    throw new ImageError('tar2sqfs is not installed', { remedy: 'kmatrix doctor --install' });
  if (!run.failed && fed === undefined) return;
  if (!run.failed) throw fed?.error;
  const said = run.stderr.trim().split('\n').at(-1) || run.shortMessage;
  if (/No space left/.test(run.stderr))
    throw new HostError(`no space for a userland: ${said}`, { where: path });
  throw new ImageError(`the squashfs can't be written: ${said}`, { where: path });
}

function packageList(status: Buffer | undefined, where: string): readonly string[] {
  const field = (stanza: string, name: string) => new RegExp(`^${name}: *(.*)$`, 'm').exec(stanza)?.[1] ?? '';
  const packages = (status?.toString() ?? '')
    .split(/\n\n+/)
    .filter((stanza) => /^Status: install ok installed$/m.test(stanza))
    .map((stanza) => ['Package', 'Version', 'Architecture'].map((name) => field(stanza, name)).join(' '))
    .toSorted();
  if (packages.length === 0) throw new ImageError('the system has no packages: dpkg lists none', { where });
  return packages;
}
