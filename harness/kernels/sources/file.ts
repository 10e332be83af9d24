import { constants } from 'node:fs';
import { access, copyFile, cp, lstat, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { withStaging } from '../../cache/staging.js';
import { ImageError } from '../../errors.js';
import { codeOf } from '../../host/file-errors.js';
import { makeFolder } from '../../host/make-folder.js';
import type { FileSource } from '../../matrix/types.js';
import type { KernelName } from '../binding.js';
import { readBootHeader } from '../boot-header.js';
import { publishKernel } from '../kernel-entries.js';
import type { KernelEntry } from '../types.js';

/**
 * Copies a kernel from files of this host into the cache and binds a name to it. Always read anew: the files may have
 * changed since, and equal bytes give the same entry.
 *
 * @param check throws for a release that isn't wanted under this name, before anything is copied
 * @throws ImageError for a file that is absent, unreadable or no x86 kernel, or modules of another release; as `check`
 */
export async function obtainFile(
  name: KernelName,
  source: FileSource,
  baseFolder = process.cwd(),
  check: (release: string) => void = () => undefined,
): Promise<KernelEntry> {
  const started = performance.now();
  const at = (path: string) => resolve(baseFolder, path);
  const bzImage = await readable(at(source.bzImage), 'kernel');
  const { release } = await readBootHeader(bzImage);
  check(release);
  return withStaging(async (staged) => {
    await copyFile(bzImage, join(staged, 'bzImage'));
    if (source.config)
      await copyFile(await readable(at(source.config), 'configuration'), join(staged, 'config'));
    if (source.systemMap) {
      await copyFile(await readable(at(source.systemMap), 'System.map'), join(staged, 'System.map'));
    }
    if (source.modules) await copyModules(at(source.modules), release, staged);
    const provenance = `${bzImage} (file)`;
    const seconds = (performance.now() - started) / 1000;
    return publishKernel(name, { folder: staged, release, provenance, seconds });
  });
}

async function readable(path: string, what: string): Promise<string> {
  try {
    await access(path, constants.R_OK);
  } catch (cause) {
    throw new ImageError(`the ${what} can't be read`, {
      where: path,
      remedy: 'check the path and its permissions; a relative one in matrix.yml starts at that file’s folder',
      cause,
    });
  }
  if ((await lstat(path)).isDirectory()) throw new ImageError(`the ${what} is a folder`, { where: path });
  return path;
}

/** A folder that holds lib/modules/RELEASE (what modules_install makes), or that one itself. */
async function copyModules(given: string, release: string, staged: string): Promise<void> {
  const candidates = [
    join(given, 'lib/modules', release),
    join(given, 'usr/lib/modules', release),
    join(given, release),
  ];
  if (basename(given) === release) candidates.push(given);
  for (const from of candidates) {
    if (!(await isFolder(from))) continue;
    const to = join(staged, 'modules/lib/modules', release);
    await makeFolder(dirname(to));
    await cp(from, to, { recursive: true, filter: async (path) => !(await lstat(path)).isSymbolicLink() });
    return;
  }
  throw new ImageError(`no modules of ${release} there`, {
    where: given,
    remedy: `give the folder that holds lib/modules/${release}, or leave modules out`,
  });
}

/** One that may not be read is there all the same, and its error is the copy's. */
const isFolder = async (path: string): Promise<boolean> =>
  (
    await stat(path).catch((error: unknown) => {
      if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return undefined;
      throw error;
    })
  )?.isDirectory() === true;
