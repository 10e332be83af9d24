import { openDisk } from '../disks/disk.js';
import { obtainUserland } from '../disks/userlands/obtain-userland.js';
import { HostError, ImageError } from '../errors.js';
import type { ImageEvent } from '../kernels/types.js';
import { bringsUserland, type UserlandRow } from '../matrix/axes.js';
import type { Cell } from '../matrix/types.js';
import type { BegunImages } from '../results/begun-images.js';
import type { UserlandRecord } from '../results/session.js';
import type { Unavailable } from '../schedule/run-matrix.js';
import { reasonOf } from './image-shelf.js';

export interface UserlandShelfOptions {
  readonly signal: AbortSignal;
  readonly offline: boolean;
  readonly refresh: boolean;
  /** See ShelfOptions. */
  readonly begunWith?: BegunImages | undefined;
  readonly emit: (event: ImageEvent) => void;
  /** Called once per row, before its first attempt. */
  readonly onUserland: (userland: UserlandRecord) => Promise<void>;
}

/** The disks of one run's cells: each userland is obtained once, whatever came of it. */
export class UserlandShelf {
  readonly #options: UserlandShelfOptions;
  readonly #obtained = new Map<string, Promise<string | Unavailable>>();

  constructor(options: UserlandShelfOptions) {
    this.#options = options;
  }

  /**
   * Ids of the disks that a cell's machines have, in the order of its axes, or why one can't be had.
   *
   * @throws HostError where the run was begun with a disk that is gone
   */
  async disks({ id, axes }: Cell): Promise<readonly string[] | Unavailable> {
    const begunWith = this.#options.begunWith?.disks.get(id);
    if (begunWith !== undefined) {
      for (const disk of begunWith) await refuseMissing(id, disk);
      return begunWith;
    }
    const disks: string[] = [];
    for (const row of Object.values(axes).filter(bringsUserland)) {
      const disk = this.#obtained.get(row.id) ?? this.#obtain(row);
      this.#obtained.set(row.id, disk);
      const found = await disk;
      if (typeof found !== 'string') return found;
      disks.push(found);
    }
    return disks;
  }

  async #obtain(row: UserlandRow): Promise<string | Unavailable> {
    const { signal, offline, refresh, emit, onUserland } = this.#options;
    try {
      const made = await obtainUserland(row, { signal, offline, refresh, onEvent: emit });
      const { disk, packages, list, provenance } = made;
      await onUserland({ row: row.id, disk: disk.id, packages, list, provenance });
      return disk.id;
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      const reason = reasonOf(error);
      emit({ type: 'image-unavailable', kernel: row.id, of: 'userland', reason });
      return { unavailable: `no userland ${row.id}: ${reason}` };
    }
  }
}

async function refuseMissing(cell: string, disk: string): Promise<void> {
  if ((await openDisk(disk)) !== undefined) return;
  throw new HostError(`the disk that ${cell} began with is no longer in the cache`, {
    where: disk,
    remedy: 'start a new run: another disk would be another userland',
  });
}
