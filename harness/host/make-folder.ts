import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it; one that is there is as good as made. Node's own recursive mkdir doesn't come back
 * where a file system answers ENOENT for a name in a folder that is there, as /proc does: it makes the parent again, without
 * end, in a thread that no signal reaches. Here each folder above is asked for once.
 *
 * @throws the system's error, with the path that it is about
 */
export async function makeFolder(folder: string): Promise<void> {
  const path = resolve(folder);
  try {
    await makeOne(path);
  } catch (error) {
    const above = dirname(path);
    if (!isAbsence(error) || above === path) throw error;
    await makeFolder(above);
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (isAbsence(error) || !(await isFolder(path))) throw error;
  }
}

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() === true;

const isAbsence = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';
