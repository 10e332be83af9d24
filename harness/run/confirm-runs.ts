import { randomInt } from 'node:crypto';
import { canonicalJson } from '../matrix/canonical-json.js';
import { expand, wholeProfile } from '../matrix/expand.js';
import type { AttemptKey, Cell, Matrix, Selection } from '../matrix/types.js';
import type { StoredCell } from '../results/manifest.js';
import { storedCell } from '../results/stored-cell.js';
import type { RunEvent } from '../schedule/types.js';
import type { PlannedCell } from '../summary/compare/plan-confirmation.js';
import type { AcceleratorChoice } from '../vm/accelerator.js';
import { type ImagesOfRun, imagesOfRun } from './images-of-run.js';
import { performRun } from './perform-run.js';
import { refuseMissingImages } from './refuse-missing-images.js';
import type { PerformedRun, RunRequest } from './types.js';

export interface ConfirmRequest {
  readonly matrix: Matrix;
  /** Folders of the two runs that were compared. */
  readonly folders: readonly [string, string];
  /** At least one. */
  readonly cells: readonly PlannedCell[];
  readonly out: string;
  readonly jobs?: number | undefined;
  /** Undefined: each run's own. */
  readonly accelerator?: AcceleratorChoice | undefined;
  readonly version: string;
}

export interface Confirmed {
  /** Of the new runs. */
  readonly folders: readonly [string, string];
  readonly interrupted: boolean;
  /** Ids of the cells whose workload, storage or kernel arguments matrix.yml now gives otherwise than the run had them, by run. */
  readonly changedSince: readonly [readonly string[], readonly string[]];
}

/**
 * Makes attempts of the same cells on the images of two runs, each under its accelerator and started in its way. The host
 * warms up and others come and go: the first run's attempts are made half before and half after the other's.
 *
 * @throws UsageError for cells that matrix.yml no longer has, HostError where an image of either run is gone from the cache,
 *   before any machine is started
 */
export async function confirmRuns(
  request: ConfirmRequest,
  emit: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<Confirmed> {
  const { matrix } = request;
  const seed = randomInt(2 ** 32);
  const selection = selectionOf(request.cells);
  const cells = expand(matrix, selection);
  const [one, other] = [await imagesOfRun(request.folders[0]), await imagesOfRun(request.folders[1])];
  for (const side of [one, other]) await refuseMissingImages(matrix, cells, side, signal, emit);
  const changedSince = [changedCells(one, cells), changedCells(other, cells)] as const;
  const perform = ({ manifest, images }: ImagesOfRun, parts: Partial<RunRequest>): Promise<PerformedRun> =>
    performRun(
      {
        ...{ matrix, selection, seed, images, out: request.out, jobs: request.jobs },
        accelerator: request.accelerator ?? manifest.accelerator.name,
        start: manifest.start ?? 'auto',
        offline: true,
        refresh: false,
        version: request.version,
        ...parts,
      },
      emit,
      signal,
    );
  const half = new Map(request.cells.map(({ id, attempts }) => [id, Math.ceil(attempts / 2)]));
  const isEarly = ({ cell, index }: AttemptKey): boolean => index < (half.get(cell) ?? 0);
  const first = await perform(one, { only: isEarly });
  if (first.interrupted) return { folders: [first.folder, first.folder], interrupted: true, changedSince };
  const second = await perform(other, {});
  if (second.interrupted) return { folders: [first.folder, second.folder], interrupted: true, changedSince };
  const last = await perform(one, { resume: first.folder });
  return { folders: [last.folder, second.folder], interrupted: last.interrupted, changedSince };
}

/** A run that was made for a comparison. */
export const isConfirmation = ({ profile, cells }: Selection): boolean =>
  cells !== undefined && profile === confirmation;

/** As profiles of a reproduction, no profile of a matrix. */
const confirmation = 'confirm';

const selectionOf = (cells: readonly PlannedCell[]): Selection => ({
  ...wholeProfile(confirmation),
  cells: cells.map(({ id }) => id),
  cellAttempts: Object.fromEntries(cells.map(({ id, attempts }) => [id, attempts])),
});

/** Only what attempts do; what they are expected to end in is no part of it. */
function changedCells({ manifest }: ImagesOfRun, cells: readonly Cell[]): string[] {
  const textOf = ({ workload, axes }: Pick<StoredCell, 'workload' | 'axes'>): string =>
    canonicalJson(JSON.parse(JSON.stringify({ workload, axes })));
  const then = new Map(manifest.cells.map((cell) => [cell.id, textOf(cell)]));
  return cells.filter((cell) => then.get(cell.id) !== textOf(storedCell(cell))).map(({ id }) => id);
}
