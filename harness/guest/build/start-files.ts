import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findKeyedEntry, keyedEntry } from '../../cache/keyed-entry.js';
import type { StoredEntry } from '../../cache/store.js';
import { UsageError } from '../../errors.js';
import { codeOf, withFileErrors } from '../../host/file-errors.js';
import { sha256, sha256File } from '../../host/hash.js';
import { printable } from '../../host/printable.js';
import { canonicalJson } from '../../matrix/canonical-json.js';
import { slotBytes } from '../../vm/command-line.js';

/** Files that a machine gets when its workload starts, as a disk for its slot (images/guest/PROTOCOL.md, "Files"). */
export interface StartFiles {
  /** By content: paths, modes and bytes. */
  readonly id: string;
  readonly path: string;
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
 * @throws UsageError for a path that leads out of /files, too many files or too much, or a file that isn't
 *   there; HostError where one can't be read
 */
export async function buildStartFiles(files: readonly StartFile[]): Promise<StartFiles> {
  const known = await Promise.all(files.map(look));
  const content = known.map(({ path, mode, sha256 }) => ({ path, mode, sha256 }));
  const id = sha256(canonicalJson({ format: 1, content }));
  const entry = await keyedEntry('start-files', id, async (staged) => {
    await writeDisk(join(staged, diskName), id, known);
    return { id };
  });
  return { id, path: diskOf(entry) };
}

/** Verified; undefined where the cache hasn't got them. */
export async function openStartFiles(id: string): Promise<StartFiles | undefined> {
  const entry = await findKeyedEntry('start-files', id);
  return entry && { id, path: diskOf(entry) };
}

async function look({ path, source, isExecutable }: StartFile): Promise<KnownFile> {
  const place = checked(path);
  try {
    const { size: bytes } = await withFileErrors(source, () => stat(source));
    const digest = await withFileErrors(source, () => sha256File(source));
    return { path: place, source, mode: isExecutable ? 0o755 : 0o644, bytes, sha256: digest };
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw cause;
    throw new UsageError(`there is no file for /files/${place}`, { where: source });
  }
}

const diskName = 'disk';
const diskOf = ({ folder }: StoredEntry): string => join(folder, diskName);

/** As `files_bring` reads it (images/guest/agent/files.c). */
async function writeDisk(path: string, id: string, files: readonly KnownFile[]): Promise<void> {
  const lines: string[] = [];
  let offset = headerBytes;
  for (const { path: place, mode, bytes } of files) {
    lines.push(`${mode.toString(8)} ${offset} ${bytes} ${place}`);
    offset += wholeBlocks(bytes);
  }
  const header = Buffer.alloc(headerBytes);
  const text = [`kmatrix-files ${id} ${headerBytes}`, ...lines, ''].join('\n');
  if (text.length > headerBytes) throw tooMuch(`the list of ${files.length} files has ${text.length} bytes`);
  if (offset > slotBytes) throw tooMuch(`${Math.ceil(offset / 2 ** 20)} MiB`);
  header.write(text);
  await using disk = await open(path, 'wx');
  await disk.writeFile(header);
  for (const { source, bytes } of files) {
    const padding = Buffer.alloc(wholeBlocks(bytes) - bytes);
    await withFileErrors(source, async () => {
      for await (const chunk of createReadStream(source)) await disk.writeFile(chunk as Buffer);
    });
    await disk.writeFile(padding);
  }
}

interface KnownFile {
  readonly path: string;
  readonly source: string;
  readonly mode: number;
  readonly bytes: number;
  readonly sha256: string;
}

const blockBytes = 4096;
const wholeBlocks = (bytes: number): number => Math.ceil(bytes / blockBytes) * blockBytes;
/** Enough for two hundred files; the agent takes no more. */
const headerBytes = 16 * blockBytes;

/** The agent reads lines, and paths of printable ASCII. */
function checked(path: string): string {
  const isPlain = /^[!-~][ -~]{0,199}$/.test(path) && !path.endsWith(' ');
  if (isPlain && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')) return path;
  throw new UsageError(`a machine can't have a file at /files/${printable(path, 200)}`, {
    remedy: 'name it by a relative path of printable ASCII, 200 characters at most',
  });
}

const tooMuch = (what: string): UsageError =>
  new UsageError(`too much for a machine's /files: ${what}`, {
    remedy: 'leave some out, or put them into an archive: 200 files and 1 GiB are the most',
  });
