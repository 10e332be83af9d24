import { constants, createReadStream, createWriteStream } from 'node:fs';
import { copyFile, realpath, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';
import { ImageError, KmatrixError } from '../../errors.js';
import { codeOf, withFileErrors } from '../../host/file-errors.js';
import { makeFolder } from '../../host/make-folder.js';
import { printable } from '../../host/printable.js';
import { decompress, isCompression } from '../decompress.js';
import { readAr } from './ar.js';

export interface UnpackOptions {
  /**
   * Where a path of the package goes, relative to the folder; undefined leaves it out. Paths come without a leading
   * `./` and are already known to stay inside.
   */
  readonly place: (path: string) => string | undefined;
  /** Symbolic links that stay inside are made too; otherwise they are left out. */
  readonly links?: boolean;
  /** Most bytes written in all; the largest kernel package of today is under 1 GiB with debug info left out. */
  readonly maximumBytes?: number;
}

/**
 * Writes the wanted files of a .deb into a folder. The package is read as a stream; the host's dpkg is not asked, so any
 * distribution's host will do. Owners, modes other than the executable bit, hard links to unwanted files and special
 * files are dropped.
 *
 * @returns number of files written
 * @throws ImageError for a package that is broken, hostile, or of an unknown compression; HostError for the host's troubles
 */
export async function unpackDeb(deb: string, folder: string, options: UnpackOptions): Promise<number> {
  const members = await readAr(deb);
  const data = members.find(({ name }) => name.startsWith('data.tar'));
  if (members[0]?.name !== 'debian-binary' || data === undefined) {
    throw new ImageError('not a Debian package: no debian-binary or no data.tar in it', { where: deb });
  }
  const suffix = data.name.slice('data.tar'.length);
  if (!isCompression(suffix)) {
    throw new ImageError(`unknown compression of the package: ${data.name}`, {
      where: deb,
      remedy: 'known are gz, xz, zst, bz2 and lzma',
    });
  }
  const bytes = createReadStream(deb, { start: data.offset, end: data.offset + data.bytes - 1 });
  return withFileErrors(folder, () =>
    decompress(bytes, suffix, deb, (tar) => unpackTar(tar, folder, deb, options)),
  );
}

/** The same for a plain tar stream. */
export async function unpackTar(
  tar: Readable,
  folder: string,
  where: string,
  { place, links = false, maximumBytes = 2 ** 31 }: UnpackOptions,
): Promise<number> {
  const entries = extract();
  const feeding = pipeline(tar, entries);
  // its error comes out of the loop too; this only keeps it from counting as unhandled
  feeding.catch(() => undefined);
  const later: Link[] = [];
  const made = new Set<string>();
  let [seen, wanted, files] = [0, 0, 0];
  try {
    for await (const entry of entries) {
      const { name, size = 0, type, mode = 0, linkname } = entry.header;
      const path = insidePath(name, where);
      const target = path === '' ? undefined : place(path);
      seen += headerBytes + size;
      wanted += target === undefined ? 0 : size;
      if (wanted > maximumBytes || seen > unwantedFactor * maximumBytes) {
        throw new ImageError(`the package unpacks to more than ${maximumBytes} bytes`, { where });
      }
      if (target !== undefined && (type === 'file' || type === 'contiguous-file')) {
        const parent = dirname(join(folder, target));
        if (!made.has(parent)) await makeFolder(parent);
        made.add(parent);
        await writeMember(entry, join(folder, target), size, mode & 0o111 ? 0o755 : 0o644);
        files++;
        continue;
      }
      if (target !== undefined && (type === 'symlink' || type === 'link') && linkname) {
        later.push({ type, path, target, to: linkname });
      }
      entry.resume();
    }
    await feeding;
  } catch (error) {
    throw asPackageError(error, where);
  }
  for (const link of later) files += await makeLink(link, folder, where, place, links);
  return files;
}

/**
 * wx: nothing is written twice, nor through a link. Small files go out in one write (a kernel package of 1,100 files
 * takes 2.2 s of this process so, 3.6 s by streams).
 */
async function writeMember(
  entry: AsyncIterable<unknown>,
  path: string,
  bytes: number,
  mode: number,
): Promise<void> {
  const how = { flag: 'wx', flags: 'wx', mode };
  if (bytes > smallBytes) return pipeline(entry, createWriteStream(path, how));
  const parts: Buffer[] = [];
  for await (const part of entry) parts.push(part as Buffer);
  await writeFile(path, Buffer.concat(parts), how);
}

const smallBytes = 2 ** 20;

interface Link {
  readonly type: 'symlink' | 'link';
  readonly path: string;
  readonly target: string;
  readonly to: string;
}

const headerBytes = 512;
/** What is skipped costs time only, but not for ever. */
const unwantedFactor = 8;

/**
 * Links come after all files, so that no file can be written through one. A hard link becomes a copy. A symbolic link
 * must stay inside: `..` only in front (behind a name it could climb out through another link), and its own folder must
 * be a real one.
 */
async function makeLink(
  { type, path, target, to }: Link,
  folder: string,
  where: string,
  place: UnpackOptions['place'],
  links: boolean,
): Promise<number> {
  const own = join(folder, target);
  if (type === 'link') {
    const original = place(insidePath(to, where));
    if (original === undefined) return 0;
    await makeFolder(dirname(own));
    await copyFile(join(folder, original), own, constants.COPYFILE_EXCL);
    return 1;
  }
  if (!links) return 0;
  const inside = posix.normalize(posix.join(dirname(path), to));
  if (to.startsWith('/') || inside.startsWith('..') || climbsLate(to)) {
    throw new ImageError(`the package is hostile: link ${printable(path, 200)} leads outside`, { where });
  }
  await makeFolder(dirname(own));
  if ((await realpath(dirname(own))) !== join(await realpath(folder), dirname(target))) {
    throw new ImageError(`the package is hostile: link below a link, ${printable(path, 200)}`, { where });
  }
  await symlink(to, own);
  return 1;
}

/** `..` behind a name */
const climbsLate = (to: string): boolean => {
  const parts = to.split('/');
  return parts.slice(parts.findIndex((part) => part !== '..')).includes('..');
};

/** A member's path without `./`; '' for the root itself. */
function insidePath(name: string, where: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (name.startsWith('/') || name.includes('\0') || parts.includes('..')) {
    throw new ImageError(`the package is hostile: path ${printable(name, 200)} leads outside`, { where });
  }
  return parts.join('/');
}

function asPackageError(error: unknown, where: string): unknown {
  if (!(error instanceof Error) || error instanceof KmatrixError) return error;
  const ofTar = /^(Unexpected end|Invalid|Unsupported|Header exceeds)/.test(error.message);
  const ofPaths = ['EEXIST', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG', 'ENOENT'].includes(codeOf(error));
  return ofTar || ofPaths
    ? new ImageError(`the package is broken: ${error.message}`, { where, cause: error })
    : error;
}
