import { HostError, ImageError, type KmatrixError } from '../errors.js';
import type { GuestBuild } from '../guest/build/build-guest.js';
import { buildControlModule, controlModuleName } from '../guest/build/control-module.js';
import { buildImage } from '../guest/build/initramfs.js';
import { openImage } from '../guest/build/open-image.js';
import { unreachableHost } from '../kernels/fetch/unreachable.js';
import { openKernel } from '../kernels/kernel-entries.js';
import { obtainKernel } from '../kernels/sources/obtain-kernel.js';
import type { ObtainOptions } from '../kernels/sources/options.js';
import type { Image, ImageEvent, KernelEntry } from '../kernels/types.js';
import type { Cell, KernelRow } from '../matrix/types.js';
import { modulesOf } from '../matrix/what-a-cell-asks.js';
import type { BegunImages } from '../results/begun-images.js';
import type { Unavailable } from '../schedule/run-matrix.js';

/** What became of a kernel row in a run. */
export type Obtained = { readonly kernel: KernelEntry; readonly cached: boolean } | Unavailable;

/**
 * The images of one run: each kernel is obtained once, whatever came of it, and each set of modules packed once. A
 * kernel that can't be had is a value with its reason; a host that can't go on (no space) throws.
 */
export class ImageShelf {
  readonly #options: ShelfOptions;
  readonly #kernels = new Map<string, Promise<Obtained>>();

  constructor(options: ShelfOptions) {
    this.#options = options;
  }

  kernel(row: KernelRow): Promise<Obtained> {
    const known = this.#kernels.get(row.id) ?? this.#obtain(row);
    this.#kernels.set(row.id, known);
    return known;
  }

  /** The first of these rows that an image with these modules can be made of; undefined where none can. */
  async firstOf(rows: readonly KernelRow[], modules: readonly string[]): Promise<KernelRow | undefined> {
    for (const row of rows) {
      if (!('unavailable' in (await this.#imageOf(row, modules)))) return row;
    }
    return undefined;
  }

  async image(cell: Cell): Promise<Image | Unavailable> {
    const { id, kernel } = cell;
    const modules = modulesOf(cell);
    const { offered } = cell.workload;
    const begunWith = this.#options.begunWith?.images.get(id);
    if (begunWith === undefined) return await this.#imageOf(kernel, modules, offered);
    const obtained = await this.kernel(kernel);
    const known = 'kernel' in obtained ? await openImage(obtained.kernel, begunWith) : undefined;
    if (known !== undefined) return known;
    const made = await this.#imageOf(kernel, modules, offered);
    // the same parts give the same bytes
    if (!('unavailable' in made) && made.id === begunWith) return made;
    throw new HostError(
      `the image that ${id} began with is gone from the cache, and this version of kmatrix makes a different one`,
      {
        where: begunWith,
        remedy: 'resume with the version of kmatrix that began the run, or start a new run',
      },
    );
  }

  /**
   * A run that is resumed goes on with the images that it was begun with, or not at all.
   *
   * @param cells that have attempts left
   * @throws HostError for the first image that can't be had
   */
  async refuseMissing(cells: readonly Cell[]): Promise<void> {
    for (const cell of cells) if (this.#options.begunWith?.images.has(cell.id)) await this.image(cell);
    for (const { kernel } of cells)
      if (this.#options.begunWith?.kernels.has(kernel.id)) await this.kernel(kernel);
  }

  async #imageOf(
    row: KernelRow,
    named: readonly string[],
    offered: readonly string[] = [],
  ): Promise<Image | Unavailable> {
    const obtained = await this.kernel(row);
    if (!('kernel' in obtained)) return obtained;
    const { kernel } = obtained;
    const wanted = [...new Set(named)];
    const modules = wanted.filter((name) => name !== controlModuleName);
    try {
      const externalModules = wanted.includes(controlModuleName)
        ? [await buildControlModule(row, kernel, this.#obtainOptions(this.#options.emit))]
        : [];
      return await buildImage({ kernel, guest: this.#options.guest, modules, externalModules, offered });
    } catch (error) {
      return this.#unavailable(row, 'modules', error);
    }
  }

  async #obtain(row: KernelRow): Promise<Obtained> {
    const { emit, onKernel, begunWith } = this.#options;
    const id = begunWith?.kernels.get(row.id);
    if (id !== undefined) {
      const begun = { kernel: await begunKernel(row, id), cached: true };
      await onKernel(row, begun);
      return begun;
    }
    let cached = true;
    const onEvent = (event: ImageEvent): void => {
      if (event.type === 'image-ready') cached = event.cached;
      emit(event);
    };
    let obtained: Obtained;
    try {
      obtained = { kernel: await obtainKernel(row, this.#obtainOptions(onEvent)), cached };
    } catch (error) {
      obtained = this.#unavailable(row, 'kernel', error);
    }
    await onKernel(row, 'kernel' in obtained ? { kernel: obtained.kernel, cached } : obtained);
    return obtained;
  }

  #obtainOptions(onEvent: (event: ImageEvent) => void): ObtainOptions {
    const { signal, offline, refresh, baseFolder } = this.#options;
    return { signal, offline, refresh, baseFolder, onEvent };
  }

  /** An ImageError is about one kernel; anything else is about this host or about us, and ends the run. */
  #unavailable(row: KernelRow, of: 'kernel' | 'modules', error: unknown): Unavailable {
    if (!(error instanceof ImageError)) throw error;
    const reason = reasonOf(error);
    this.#options.emit({
      ...{ type: 'image-unavailable', kernel: row.id, of, reason },
      host: unreachableHost(error),
    });
    return { unavailable: reason };
  }
}

/** A suite may have moved on, and a tree may be built otherwise by now: what is fetched or built anew is another kernel. */
async function begunKernel(row: KernelRow, id: string): Promise<KernelEntry> {
  const kernel = await openKernel(id);
  if (kernel !== undefined) return kernel;
  throw new HostError(`the kernel that the run began with on ${row.id} is gone from the cache`, {
    where: id,
    remedy: `kmatrix images fetch ${row.id} brings it back if its source still has the same kernel; otherwise start a new run`,
  });
}

export interface ShelfOptions {
  readonly guest: GuestBuild;
  readonly signal: AbortSignal;
  /** Only what the cache holds. */
  readonly offline: boolean;
  /** Ask the sources again although the cache has an answer. */
  readonly refresh: boolean;
  /** Folder that relative paths of matrix.yml are relative to. */
  readonly baseFolder: string;
  /** Of an earlier run, or this one's own before: what is used of these is used again, and nothing in its place. */
  readonly begunWith?: BegunImages | undefined;
  readonly emit: (event: ImageEvent) => void;
  /** Called once per kernel row, before its first attempt. */
  readonly onKernel: (row: KernelRow, obtained: Obtained) => Promise<void>;
}

/** An error in one line, for a row that can't be had. */
export const reasonOf = (error: KmatrixError): string =>
  [error.message, error.where && `at ${error.where}`, error.remedy].filter(Boolean).join('; ');
