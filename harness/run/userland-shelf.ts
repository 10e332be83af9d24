import { openEntry } from '../cache/store.js';
import { obtainUserland } from '../disks/userlands/obtain-userland.js';
import { toUserland, type Userland } from '../disks/userlands/userland.js';
import { HostError, ImageError } from '../errors.js';
import { unreachableHost } from '../kernels/fetch/unreachable.js';
import type { ImageEvent } from '../kernels/types.js';
import { bringsUserland, type UserlandRow } from '../matrix/axes.js';
import type { Cell } from '../matrix/types.js';
import type { BegunImages } from '../results/begun-images.js';
import type { UserlandRecord } from '../results/session.js';
import type { Unavailable } from '../schedule/run-matrix.js';
import { noUserland } from '../summary/missing-userlands.js';
import { reasonOf } from './image-shelf.js';

export interface UserlandShelfOptions {
  readonly signal: AbortSignal;
  readonly offline: boolean;
  readonly refresh: boolean;
  /** See ShelfOptions. */
  readonly begunWith?: Pick<BegunImages, 'userlands'> | undefined;
  readonly emit: (event: ImageEvent) => void;
  /** Called once per row, before its first attempt. */
  readonly onUserland: (userland: UserlandRecord) => Promise<void>;
}

/** The userlands of one run: each is obtained once, whatever came of it. */
export class UserlandShelf {
  readonly #options: UserlandShelfOptions;
  readonly #obtained = new Map<string, Promise<string | Unavailable>>();

  constructor(options: UserlandShelfOptions) {
    this.#options = options;
  }

  /**
   * Ids of the disks that a cell's machines have, in the order of its axes, or why one can't be had.
   *
   * @throws HostError where the run began with a disk that is gone
   */
  async disks({ axes }: Pick<Cell, 'axes'>): Promise<readonly string[] | Unavailable> {
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
    const { signal, offline, refresh, begunWith, emit, onUserland } = this.#options;
    const begun = begunWith?.userlands.get(row.id);
    try {
      const { disk, contents, list, provenance } =
        begun === undefined
          ? await obtainUserland(row, { signal, offline, refresh, onEvent: emit })
          : await begunUserland(row, begun.disk);
      await onUserland({ row: row.id, disk: disk.id, contents, list, provenance });
      return disk.id;
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      const reason = reasonOf(error);
      emit({
        ...{ type: 'image-unavailable', kernel: row.id, of: 'userland', reason },
        host: unreachableHost(error),
      });
      return { unavailable: noUserland(row.id, reason) };
    }
  }
}

/** A suite moves on: what is made anew is another userland. */
async function begunUserland(row: UserlandRow, disk: string): Promise<Userland> {
  const entry = await openEntry('disks', disk);
  const userland = entry && toUserland(entry);
  if (userland !== undefined) return userland;
  throw new HostError(`the userland that the run began with on ${row.id} is no longer in the cache`, {
    where: disk,
    remedy: 'start a new run',
  });
}
