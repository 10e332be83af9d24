import { createReadStream } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { asHostError } from '../host/file-errors.js';
import { sha256, sha256File } from '../host/hash.js';
import { inParallel } from '../host/in-parallel.js';

/** Every file of a cache entry, by path relative to its folder, sorted. */
export const manifestSchema = z.array(
  z.object({
    path: z.string().min(1),
    bytes: z.number().int().nonnegative(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    /** Milliseconds; a hint that spares reading the file, never part of the content address. */
    modified: z.number(),
  }),
);
export type Manifest = Readonly<z.infer<typeof manifestSchema>>;
export type ManifestFile = Manifest[number];

/** Content address: SHA-256 (hex) over path, size and SHA-256 of each file. */
export const manifestId = (manifest: Manifest): string =>
  sha256(manifest.map(({ path, bytes, sha256 }) => `${sha256} ${bytes} ${path}\n`).join(''));

/**
 * Reads a finished folder. Only plain files count: links (lib/modules/RELEASE/build points into somebody's source tree)
 * and special files are removed from the folder, so that an entry means the same on every host.
 */
export async function readManifest(folder: string): Promise<Manifest> {
  const paths: string[] = [];
  for await (const path of plainFiles(folder, '')) paths.push(path);
  const files = await inParallel(paths, filesAtOnce, async (path): Promise<ManifestFile> => {
    const { size, mtimeMs } = await lstat(join(folder, path));
    const hash = await sha256File(join(folder, path));
    return { path, bytes: size, sha256: hash, modified: Math.floor(mtimeMs) };
  });
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The hashing itself is one thread's; this many keep it fed (4 threads of Node's pool open and read). */
const filesAtOnce = 8;

/**
 * The first thing that is not as the manifest says, or undefined.
 *
 * `always` are hashed each time. Of the rest size and time of change are compared and the bytes are read only where the
 * time differs (a cache that was copied): thousands of modules take 20 ms instead of seconds, and whoever uses one
 * hashes it on the way (readVerified).
 */
export async function firstDeviation(
  folder: string,
  manifest: Manifest,
  always: (path: string) => boolean,
): Promise<string | undefined> {
  const deviations = await inParallel(manifest, filesAtOnce, (file) => deviation(folder, file, always));
  return deviations.find((found) => found !== undefined);
}

async function deviation(
  folder: string,
  file: ManifestFile,
  always: (path: string) => boolean,
): Promise<string | undefined> {
  const path = join(folder, file.path);
  const found = await unlessHostFails(path, lstat(path));
  if (found === undefined || !found.isFile()) return `${file.path} is missing`;
  if (found.size !== file.bytes)
    return `${file.path} has ${found.size} bytes, not the ${file.bytes} recorded`;
  if (!always(file.path) && Math.floor(found.mtimeMs) === file.modified) return undefined;
  const hash = await unlessHostFails(path, sha256File(path));
  return hash === file.sha256 ? undefined : `${file.path} has other bytes than recorded (SHA-256)`;
}

/**
 * What was read, undefined where it can't be. Too many open files or a lack of permission is this host's trouble and says
 * nothing of the entry, which might be one that nothing fetches again: that throws.
 */
const unlessHostFails = <T>(path: string, reading: Promise<T>): Promise<T | undefined> =>
  reading.catch((error: unknown) => {
    const trouble = asHostError(error, path);
    if (trouble !== error) throw trouble;
    return undefined;
  });

/** A file's bytes, or undefined where they aren't those of the manifest. Files of tens of MiB at most: modules. */
export async function readVerified(
  folder: string,
  manifest: Manifest,
  path: string,
): Promise<Buffer | undefined> {
  const file = manifest.find((candidate) => candidate.path === path);
  if (file === undefined) return undefined;
  const parts: Buffer[] = [];
  for await (const part of createReadStream(join(folder, path), { end: file.bytes })) parts.push(part);
  const bytes = Buffer.concat(parts);
  return sha256(bytes) === file.sha256 ? bytes : undefined;
}

async function* plainFiles(root: string, below: string): AsyncGenerator<string> {
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) yield* plainFiles(root, path);
    else if (entry.isFile()) yield path;
    else await rm(join(root, path));
  }
}
