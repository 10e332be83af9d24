import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Header, Pack } from 'tar-stream';

/**
 * Adds a folder of this host to a tar, as root's and for everybody to read.
 *
 * @param name of the folder in there
 * @param epoch seconds since 1970: the date of everything
 */
export async function addFolder(packed: Pack, folder: string, name: string, epoch: number): Promise<void> {
  const about = { uid: 0, gid: 0, uname: 'root', gname: 'root', mtime: new Date(epoch * 1000) };
  await addEntry(packed, { ...about, name, type: 'directory', mode: 0o755 });
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    const inside = `${name}/${entry.name}`;
    if (entry.isDirectory()) await addFolder(packed, path, inside, epoch);
    else await addEntry(packed, { ...about, name: inside, type: 'file', mode: 0o644 }, await readFile(path));
  }
}

/** With the header as it came: owner, mode, time, link. */
export function addEntry(
  packed: Pack,
  header: Partial<Header> & Pick<Header, 'name'>,
  bytes?: Buffer,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null): void => (error ? reject(error) : resolve());
    if (bytes === undefined) packed.entry(header, done);
    else packed.entry({ ...header, size: bytes.length }, bytes, done);
  });
}
