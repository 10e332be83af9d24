import { dirname } from 'node:path';
import { LocalContent, referenceTo } from '../attempt/local-content.js';
import { pruneTemplates, templatesMiB } from '../cache/prune-templates.js';
import { HostError, messageOf } from '../errors.js';
import { buildGuest } from '../guest/build/build-guest.js';
import { anySignal } from '../host/any-signal.js';
import { purityOf } from '../kernels/purity.js';
import { attemptsByCell } from '../matrix/cell-id.js';
import { attemptKeys } from '../matrix/expand.js';
import type { KernelRow } from '../matrix/types.js';
import { attemptId } from '../results/attempt-id.js';
import { begunImages } from '../results/begun-images.js';
import { earlierSeconds } from '../results/earlier-seconds.js';
import type { ImageRecord } from '../results/manifest.js';
import type { RunStore } from '../results/run-store.js';
import type { RunEvent } from '../schedule/types.js';
import { chooseAccelerator } from '../vm/accelerator.js';
import { findQemu } from '../vm/qemu.js';
import { Timer } from '../vm/timer.js';
import { beginRun } from './begin-run.js';
import { capacity } from './capacity.js';
import { configFacts } from './config-facts.js';
import { ImageShelf, type Obtained } from './image-shelf.js';
import { refuseWithoutKernel } from './refuse-without-kernel.js';
import { resumedAccelerator, resumeRun } from './resume-run.js';
import { runAttempts } from './run-attempts.js';
import type { PerformedRun, RunRequest } from './types.js';
import { UserlandShelf } from './userland-shelf.js';

/**
 * One run from matrix to store: host looked at, guest compiled, kernels obtained, attempts run, each on disk before the next.
 *
 * @throws KmatrixError for what ends a run: bad input, no QEMU, a full disk
 */
export async function performRun(
  request: RunRequest,
  emit: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<PerformedRun> {
  const enough = new AbortController();
  const outOfTime = new AbortController();
  const limit = new Timer(() => outOfTime.abort(tooLate));
  const stop = anySignal([signal, enough.signal, outOfTime.signal]);
  // what is asked for is the caller's time: looking at the host and building kernels are part of it
  if (request.limitSeconds !== undefined) limit.restart(request.limitSeconds);
  try {
    const { until = () => false } = request;
    return await runUntil(
      request,
      (event) => {
        emit(event);
        if (event.type === 'attempt-finished' && until(event.result)) enough.abort();
      },
      { signal, stop },
    );
  } finally {
    limit.clear();
  }
}

/** Thrown only where the time was over before there was a run to keep. */
const tooLate = new HostError('the time limit came before the run had begun', {
  remedy: 'allow more time; what was obtained until then is in the cache',
});

/** Why a run ends early: `signal` is the user's word, `stop` that or any other reason. */
interface Ends {
  readonly signal: AbortSignal;
  readonly stop: AbortSignal;
}

async function runUntil(
  request: RunRequest,
  emit: (event: RunEvent) => void,
  { signal, stop }: Ends,
): Promise<PerformedRun> {
  const { only = () => true } = request;
  const qemu = await findQemu();
  const { resume } = request;
  const accelerator =
    resume === undefined
      ? await chooseAccelerator(qemu, request.accelerator, { signal: stop })
      : await resumedAccelerator(resume, qemu, request.accelerator, { signal: stop });
  const guest = await buildGuest({ signal: stop, onEvent: emit });
  const begunWith = resume === undefined ? request.images : await begunImages(resume);
  let store: RunStore | undefined;
  const early: ImageRecord[] = [];
  const shelf = new ImageShelf({
    guest,
    signal: stop,
    offline: request.offline,
    refresh: request.refresh,
    baseFolder: dirname(request.matrix.path),
    begunWith,
    emit,
    onKernel: async (row, obtained) => {
      // it was recorded when the run began
      if (resume !== undefined && begunWith?.kernels.has(row.id)) return;
      const record = await imageRecord(row, obtained);
      if (store === undefined) early.push(record);
      else await store.recordImage(record);
    },
  });
  const { offline, refresh } = request;
  const userlands = new UserlandShelf({
    ...{ signal: stop, offline, refresh, begunWith, emit },
    onUserland: async (userland) => await store?.recordUserland(userland),
  });
  const room = capacity(request.jobs);
  const facts = {
    kmatrix: request.version,
    qemu,
    accelerator,
    guest: guest.id,
    start: request.start,
    jobs: { usual: room.jobs, most: room.spare?.mostJobs ?? room.jobs },
  };
  if (resume === undefined) await refuseWithoutKernel(request.matrix, request.selection, shelf);
  const begun =
    resume === undefined
      ? await beginRun(request, shelf, facts)
      : await resumeRun(resume, request.matrix, shelf, facts);
  store = begun.store;
  await using open = store;
  for (const record of early) await open.recordImage(record);
  const finished = await open.finished();
  const keys = attemptKeys(begun.cells, open.manifest.seed).filter(
    (key) => only(key) && !finished.has(attemptId(key)),
  );
  const run = open.manifest.id;
  emit({
    type: 'run-started',
    run,
    cells: new Set(keys.map(({ cell }) => cell)).size,
    attempts: attemptsByCell(keys),
    accelerator: accelerator.name,
    accelReason: accelerator.reason,
  });
  // it orders cells; reading earlier runs for a single one would be a tenth of a second for nothing
  const isOrdered = new Set(keys.map(({ cell }) => cell)).size > 1;
  const earlier = isOrdered ? await earlierSeconds(request.out) : new Map<string, number>();
  try {
    await runAttempts(
      {
        work: { cells: new Map(begun.cells.map((cell) => [cell.id, cell])), keys },
        parts: {
          prepare: async (cell) => {
            const image = await shelf.image(cell);
            if ('unavailable' in image) return image;
            const disks = await userlands.disks(cell);
            if ('unavailable' in disks) return disks;
            await open.recordCellImage(cell.id, image.id);
            return { image: referenceTo(image), ...(disks.length > 0 && { disks }) };
          },
          expectedSeconds: (cell) => earlier.get(cell.id) ?? cell.workload.timeoutSeconds,
          emit,
        },
        host: {
          qemu,
          accelerator: accelerator.name,
          calibrationNs: await guest.calibrateOnHost(),
          content: new LocalContent(),
        },
        mayFallBack: request.accelerator === 'auto',
        runner: {
          // a run that is resumed goes on in its own way
          start: open.manifest.start ?? request.start,
          jobs: room.jobs,
          onRefused: (kernel, reason, instead) =>
            emit({ type: instead === 'cold' ? 'boots-cold' : 'not-copied', kernel, reason }),
          endAtReport: request.endAtReport,
        },
        store: open,
        capacity: room,
      },
      stop,
    );
  } catch (error) {
    // an end that was asked for is none; a disk that filled up while the run was ending is
    if (!stop.aborted || (error !== stop.reason && error !== signal.reason)) throw error;
  }
  const interrupted = signal.aborted;
  const outOfTime = stop.reason === tooLate;
  const { folder } = open;
  emit({ type: 'run-finished', run, interrupted });
  if (!interrupted && request.start !== 'cold') await tidyTemplates(emit);
  return { folder, interrupted, outOfTime };
}

/** Only housekeeping: the run is over. */
async function tidyTemplates(emit: (event: RunEvent) => void): Promise<void> {
  try {
    await pruneTemplates(templatesMiB);
  } catch (error) {
    emit({ type: 'run-warning', warning: `saved machines were not pruned: ${messageOf(error)}` });
  }
}

async function imageRecord(row: KernelRow, obtained: Obtained): Promise<ImageRecord> {
  if (!('kernel' in obtained)) return { kernel: row.id, status: 'unavailable', reason: obtained.unavailable };
  const { kernel, cached } = obtained;
  const { release, provenance, seconds } = kernel;
  const purity = await purityOf(kernel, row.source.kind);
  const known = { imageId: kernel.id, release, provenance, seconds, cached, purity };
  return { kernel: row.id, status: 'ready', ...known, ...(await configFacts(row, kernel)) };
}
