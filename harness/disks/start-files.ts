import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findKeyedEntry, keyedEntry } from '../cache/keyed-entry.js';
import type { StoredEntry } from '../cache/store.js';
import { UsageError } from '../errors.js';
import { withFileErrors } from '../host/file-errors.js';
import { sha256, sha256File } from '../host/hash.js';
import { inParallel } from '../host/in-parallel.js';
import { canonicalJson } from '../matrix/canonical-json.js';
import { slotBytes } from '../vm/command-line.js';
import { plainPaths } from './plain-paths.js';

/** Files that a machine gets when its workload starts, as a disk for its slot (images/guest/PROTOCOL.md, "Files"). */
export interface StartFiles {
  /** By content: paths, modes and bytes. */
  readonly id: string;
  readonly path: string;
  /** Of the disk: what the machine copies into its memory. */
  readonly bytes: number;
}

export interface StartFile {
  /** Where the machine has it, below /files. */
  readonly path: string;
  /** Where this host has it. */
  readonly source: string;
  readonly isExecutable: boolean;
}

/**
 * The disk with these files, from the cache where the same was made before.
 *
 * @throws UsageError for a path that can't be below /files, two files in one place, too many or too much, or a file that isn't
 *   there or changes meanwhile; HostError where one can't be read, or the cache not be written
 */
export async function buildStartFiles(files: readonly StartFile[]): Promise<StartFiles> {
  plainPaths(files.map(({ path }) => path));
  const sized = await inParallel(files, 16, inspectSource);
  const lines = headerLines(sized);
  const known = await inParallel(sized, 16, async (file) => ({
    ...file,
    sha256: await withFileErrors(file.source, () => sha256File(file.source)),
  }));
  const content = known.map(({ path, mode, sha256 }) => ({ path, mode, sha256 }));
  const id = sha256(canonicalJson({ format: 1, content }));
  const entry = await keyedEntry('start-files', id, async (staged) => {
    await writeDisk(join(staged, diskName), [`kmatrix-files ${id} ${headerBytes}`, ...lines], known);
    return { id };
  });
  return toStartFiles(id, entry);
}

/** Verified; undefined where the cache hasn't got them. */
export async function openStartFiles(id: string): Promise<StartFiles | undefined> {
  const entry = await findKeyedEntry('start-files', id);
  return entry && toStartFiles(id, entry);
}

const toStartFiles = (id: string, { folder, bytes }: StoredEntry): StartFiles => ({
  id,
  path: join(folder, diskName),
  bytes,
});

const diskName = 'disk';

interface SizedFile {
  readonly path: string;
  readonly source: string;
  readonly mode: number;
  readonly bytes: number;
}

interface KnownFile extends SizedFile {
  readonly sha256: string;
}

async function inspectSource({ path, source, isExecutable }: StartFile): Promise<SizedFile> {
  const about = await withFileErrors(source, () => stat(source).catch(() => undefined));
  if (!about?.isFile()) throw new UsageError(`there is no file for /files/${path}`, { where: source });
  return { path, source, mode: isExecutable ? 0o755 : 0o644, bytes: about.size };
}

/** As `files_bring` reads them (images/guest/agent/files.c). */
function headerLines(files: readonly SizedFile[]): string[] {
  const lines: string[] = [];
  let offset = headerBytes;
  for (const { path, mode, bytes } of files) {
    lines.push(`${mode.toString(8)} ${offset} ${bytes} ${path}`);
    offset += wholeBlocks(bytes);
  }
  const text = lines.reduce((sum, line) => sum + line.length + 1, titleBytes);
  if (text > headerBytes) throw tooMuch(`the list of ${files.length} files has ${text} bytes`);
  if (offset > slotBytes) throw tooMuch(`${Math.ceil(offset / 2 ** 20)} MiB`);
  return lines;
}

async function writeDisk(path: string, lines: readonly string[], files: readonly KnownFile[]): Promise<void> {
  const header = Buffer.alloc(headerBytes);
  header.write([...lines, ''].join('\n'));
  await using disk = await withFileErrors(path, () => open(path, 'wx'));
  const write = (bytes: Uint8Array) => withFileErrors(path, () => disk.writeFile(bytes));
  await write(header);
  for (const file of files) {
    await copySource(file, write);
    await write(Buffer.alloc(wholeBlocks(file.bytes) - file.bytes));
  }
}

/** A file that was written to since it was inspected has other bytes than its id says. */
async function copySource(
  { source, bytes, sha256: expected }: KnownFile,
  write: (bytes: Uint8Array) => ReturnType<FileHandle['writeFile']>,
): Promise<void> {
  const hash = createHash('sha256');
  let copied = 0;
  const chunks = createReadStream(source)[Symbol.asyncIterator]();
  for (;;) {
    const { value, done } = await withFileErrors(source, () => chunks.next());
    if (done === true) break;
    hash.update(value);
    copied += value.length;
    await write(value);
  }
  if (copied === bytes && hash.digest('hex') === expected) return;
  throw new UsageError('a file changed while it was read', { where: source, remedy: 'try again' });
}

const blockBytes = 4096;
const wholeBlocks = (bytes: number): number => Math.ceil(bytes / blockBytes) * blockBytes;
/** Enough for some two hundred files; the agent takes no more. */
const headerBytes = 16 * blockBytes;
/** Its first line, generously. */
const titleBytes = 100;

const tooMuch = (what: string): UsageError =>
  new UsageError(`too much for a machine's /files: ${what}`, {
    remedy: 'leave some out, or put them into an archive: some 200 files and 1 GiB are the most',
  });
