import { chmod, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256File } from '../host/hash.js';

/** `sha256sum -c` understands it, too. */
const manifestName = 'SHA256SUMS';

/** The folder if each of its files is there with the bytes that were published; else undefined. */
export async function verifiedEntry(folder: string): Promise<string | undefined> {
  const manifest = await readFile(join(folder, manifestName), 'utf8').catch(() => undefined);
  if (manifest === undefined) return undefined;
  const lines = manifest.split('\n').filter(Boolean);
  const expected = new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
  const present = await filesBelow(folder).catch(() => []);
  if (expected.size === 0 || present.length !== expected.size) return undefined;
  for (const path of present) {
    if ((await sha256File(join(folder, path)).catch(() => '')) !== expected.get(path)) return undefined;
  }
  return folder;
}

/** Fills a draft folder, then puts it in place at once: a reader sees all of an entry or none of it. */
export async function publishEntry(folder: string, fill: (draft: string) => Promise<void>): Promise<string> {
  const draft = await mkdtemp(join(dirname(folder), 'draft-'));
  try {
    await chmod(draft, 0o755);
    await fill(draft);
    const lines: string[] = [];
    for (const path of await filesBelow(draft))
      lines.push(`${await sha256File(join(draft, path))}  ${path}\n`);
    await writeFile(join(draft, manifestName), lines.join(''));
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder);
    return folder;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name !== manifestName)
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
