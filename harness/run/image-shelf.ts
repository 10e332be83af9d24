import { ImageError, type KmatrixError } from '../errors.js';
import {
  buildControlModule,
  buildImage,
  controlModuleName,
  type GuestBuild,
  type ObtainOptions,
  obtainKernel,
} from '../images/index.js';
import type { Image, ImageEvent, KernelEntry } from '../images/types.js';
import type { Cell, KernelRow } from '../matrix/types.js';
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

  image({ kernel, storage, workload }: Cell): Promise<Image | Unavailable> {
    return this.#imageOf(kernel, [...storage.modules, ...workload.modules]);
  }

  async #imageOf(row: KernelRow, named: readonly string[]): Promise<Image | Unavailable> {
    const obtained = await this.kernel(row);
    if (!('kernel' in obtained)) return obtained;
    const { kernel } = obtained;
    const wanted = [...new Set(named)];
    const modules = wanted.filter((name) => name !== controlModuleName);
    try {
      const externalModules = wanted.includes(controlModuleName)
        ? [await buildControlModule(row, kernel, this.#obtainOptions(this.#options.emit))]
        : [];
      return await buildImage({ kernel, guest: this.#options.guest, modules, externalModules });
    } catch (error) {
      return this.#unavailable(row, 'modules', error);
    }
  }

  async #obtain(row: KernelRow): Promise<Obtained> {
    const { emit, onKernel } = this.#options;
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
    this.#options.emit({ type: 'image-unavailable', kernel: row.id, of, reason });
    return { unavailable: reason };
  }
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
  readonly emit: (event: ImageEvent) => void;
  /** Called once a kernel row, before its first attempt. */
  readonly onKernel: (row: KernelRow, obtained: Obtained) => Promise<void>;
}

const reasonOf = (error: KmatrixError): string =>
  [error.message, error.where && `at ${error.where}`, error.remedy].filter(Boolean).join('; ');
