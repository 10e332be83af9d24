import { access, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { nearest } from '../matrix/nearest.js';
import { readManifest } from './read-run.js';

/**
 * The folder of a run named by its id, a path, or `latest`: the newest that is a matrix's. What `kmatrix repro` and
 * `kmatrix compare --confirm` stored goes by its id.
 *
 * @param root the folder that holds runs
 * @throws UsageError where there is none, with the nearest id
 */
export async function findRun(root: string, run: string): Promise<string> {
  const ids = await runIds(root);
  if (run === 'latest') {
    for (const id of ids) if (await isMatrixRun(join(root, id))) return join(root, id);
    const [newest] = ids;
    if (newest === undefined)
      throw new UsageError('there is no run yet', { where: root, remedy: 'start one: kmatrix run' });
    throw new UsageError('there is no run of the matrix yet', {
      where: root,
      remedy: `those of kmatrix repro and of compare --confirm go by their ids: ${newest}`,
    });
  }
  // as completed by a shell: RUN/
  const id = run.replace(/\/+$/, '');
  if (ids.includes(id)) return join(root, id);
  if (await hasManifest(resolve(run))) return resolve(run);
  const likely = nearest(run, ids);
  throw new UsageError(`there is no run '${run}'`, {
    where: root,
    remedy:
      likely === undefined
        ? `name an id, a folder with run.json, or latest${ids.length > 0 ? `; newest: ${ids.slice(0, 3).join(', ')}` : ''}`
        : `did you mean '${likely}'?`,
  });
}

/** Runs in a folder, newest first: ids begin with their time. None where the folder can't be read. */
export async function runIds(root: string): Promise<string[]> {
  const names = await readdir(root).catch(() => []);
  const runs = await Promise.all(
    names.filter(isRunId).map(async (name) => ((await hasManifest(join(root, name))) ? [name] : [])),
  );
  return runs.flat().toSorted().toReversed();
}

/** What can't be read is the reader's to report: it is the newest run all the same. */
const isMatrixRun = (folder: string): Promise<boolean> =>
  readManifest(folder).then(
    ({ selection }) => selection.cells === undefined,
    () => true,
  );

const isRunId = (name: string): boolean => /^\d{8}T\d{6}Z-[0-9a-f]+$/.test(name);

const hasManifest = (folder: string): Promise<boolean> =>
  access(join(folder, 'run.json')).then(
    () => true,
    () => false,
  );
