import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './file-errors.js';

/**
 * Removes a folder with all that is in it; one that is not there is as good as removed. A folder of ours whose mode
 * forbids it (a copy of a tree that nobody may write to) is made writable first, as rm(1) doesn't.
 *
 * @throws the system's error where it stays all the same: another user's files, a mount
 */
export async function removeFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    if (codeOf(error) !== 'EACCES') throw error;
    await makeWritable(folder);
    await rm(folder, { recursive: true, force: true });
  }
}

/** A link is left alone, and what it names with it. What can't be changed is for rm to say. */
async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o700).catch(() => undefined);
  const found = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of found) if (entry.isDirectory()) await makeWritable(join(folder, entry.name));
}
