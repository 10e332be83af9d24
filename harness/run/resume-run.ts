import { HostError, UsageError } from '../errors.js';
import { cellIdIn } from '../matrix/axis-rows.js';
import { attemptKeys, type CanRun, expand } from '../matrix/expand.js';
import type { Cell, Matrix } from '../matrix/types.js';
import { attemptId } from '../results/attempt-id.js';
import type { RunManifest } from '../results/manifest.js';
import { readManifest } from '../results/read-run.js';
import { RunStore } from '../results/run-store.js';
import { readSessions, type SessionFacts } from '../results/session.js';
import { type AcceleratorChoice, type ChooseOptions, chooseAccelerator } from '../vm/accelerator.js';
import type { Accelerator, Qemu } from '../vm/types.js';
import type { ImageShelf } from './image-shelf.js';
import { refuseOtherCells } from './refuse-other-cells.js';
import type { Begun } from './types.js';

/**
 * The accelerator that a run goes on under: its own. Attempts under another would be no attempts of the same thing.
 *
 * @throws UsageError where another is asked for, HostError where this host hasn't got it
 */
export async function resumedAccelerator(
  folder: string,
  qemu: Qemu,
  wish: AcceleratorChoice,
  options: ChooseOptions = {},
): Promise<Accelerator> {
  const manifest = await readManifest(folder);
  const counted = (await readSessions(folder, manifest)).findLast(({ discarded }) => discarded === null);
  // nothing of it counts, so that there is nothing to be like
  if (counted === undefined) return await chooseAccelerator(qemu, wish, options);
  const { name } = counted.accelerator;
  if (wish !== 'auto' && wish !== name) {
    throw new UsageError(`run ${manifest.id} began under ${name}, and ${wish} is asked for`, {
      where: '--accelerator',
      remedy: `leave out that option, or start a new run under ${wish}; kmatrix compare shows how the two differ`,
    });
  }
  if (name === 'tcg') return { name, reason: 'as when the run began' };
  const found = await chooseAccelerator(qemu, 'auto', options);
  if (found.name === name) return found;
  throw new HostError(
    `run ${manifest.id} began under KVM, which this host can't continue with: ${found.reason}`,
    {
      where: folder,
      remedy: 'resume it on a host where KVM works, or start a new run',
    },
  );
}

/**
 * Goes on with a run in a session of its own: with the cells and the images that it was begun with.
 *
 * @throws UsageError where matrix.yml gives other cells, HostError where an image is gone
 */
export async function resumeRun(
  folder: string,
  matrix: Matrix,
  shelf: ImageShelf,
  facts: SessionFacts,
): Promise<Begun> {
  const store = await RunStore.open(folder);
  try {
    const { manifest } = store;
    const cells = begunCells(manifest, matrix);
    refuseOtherCells(manifest, cells, { where: folder, matrixHash: matrix.hash });
    const finished = await store.finished();
    const left = new Set(
      attemptKeys(cells, manifest.seed).flatMap((key) => (finished.has(attemptId(key)) ? [] : key.cell)),
    );
    await shelf.refuseMissing(cells.filter(({ id }) => left.has(id)));
    // in the way that the run was begun in
    const { start = facts.start } = manifest;
    await store.beginSession({ ...facts, ...(start && { start }) });
    return { store, cells };
  } catch (error) {
    // an open store holds its lock, and the lock holds this process
    await store.close();
    throw error;
  }
}

/** Those that the selection means today, as far as the run has them: a row that came since is none of its. */
function begunCells({ cells, selection }: RunManifest, matrix: Matrix): Cell[] {
  const begun = new Set(cells.map(({ id }) => id));
  // each control on the kernel that it was begun with, though another's may be among its kernels too
  const wasBegun: CanRun = ({ id }, { workload, rows }) =>
    begun.has(cellIdIn(matrix, { kernel: id, workload, rows }));
  return expand(matrix, selection, wasBegun).filter(({ id }) => begun.has(id));
}
