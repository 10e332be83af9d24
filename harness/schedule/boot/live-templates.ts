import process from 'node:process';
import { HostError } from '../../errors.js';
import { buildForkLibrary } from '../../images/index.js';
import { LiveTemplate } from './live-template.js';
import type { MachineRequest, Opened } from './opened.js';

interface Place {
  readonly template: Promise<LiveTemplate>;
  /** Attempts that wait for a copy. */
  waiting: number;
}

/** The live templates of a run: a few, of the kernels that are tried now. */
export class LiveTemplates implements AsyncDisposable {
  readonly #most: number;
  readonly #signal: AbortSignal;
  /** By machine; the one that was used last comes last. */
  readonly #places = new Map<string, Place>();
  #library: Promise<string> | undefined;

  /** @param most how many are kept that nobody uses */
  constructor(most: number, signal: AbortSignal) {
    this.#most = most;
    this.#signal = signal;
  }

  /**
   * A copy of the template of this name, which is booted where there is none.
   *
   * @param signal of the attempt; a template's boot, which others may wait for, goes on until the run's own
   * @throws HostError, ImageError where this machine can't be copied; the signal's reason
   */
  async open(name: string, request: MachineRequest, release: string, signal: AbortSignal): Promise<Opened> {
    const askedAt = performance.now();
    const place = this.#places.get(name) ?? { template: this.#boot(request, release), waiting: 0 };
    this.#places.delete(name);
    this.#places.set(name, place);
    place.waiting += 1;
    try {
      const template = await place.template;
      signal.throwIfAborted();
      return await template.copy(askedAt, signal);
    } finally {
      place.waiting -= 1;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const places = [...this.#places.values()];
    this.#places.clear();
    for (const { template } of places) await end(template);
  }

  async #boot(request: MachineRequest, release: string): Promise<LiveTemplate> {
    const { accelerator, shape } = request.spec;
    if (accelerator !== 'tcg') throw new HostError('machines of KVM live in the kernel, which copies none');
    const memoryMiB = shape.memoryMiB + qemuMiB;
    const freeMiB = process.availableMemory() / 2 ** 20;
    if (memoryMiB * templatesToMemory > freeMiB) {
      throw new HostError(
        `one more live template would take more than an eighth of the memory that is free (${Math.floor(freeMiB)} MiB)`,
      );
    }
    this.#library ??= buildForkLibrary(this.#signal);
    const library = await this.#library;
    // this one counts by now
    await this.#endUnused();
    return LiveTemplate.boot(request, library, release, this.#signal);
  }

  /** Longest unused first, until there are few enough. */
  async #endUnused(): Promise<void> {
    for (const [name, { template, waiting }] of this.#places) {
      if (this.#places.size <= this.#most) return;
      if (waiting > 0) continue;
      const isInUse = await template.then(
        (live) => live.isInUse,
        () => false,
      );
      if (isInUse || this.#places.get(name)?.waiting !== 0) continue;
      this.#places.delete(name);
      await end(template);
    }
  }
}

/** One that never booted has ended by itself. */
async function end(template: Promise<LiveTemplate>): Promise<void> {
  const live = await template.catch(() => undefined);
  await live?.[Symbol.asyncDispose]();
}

/** QEMU itself with what it has translated of a boot, measured with 7.2: 60 to 90 MiB. */
const qemuMiB = 96;

/** Free memory over what one may take. */
const templatesToMemory = 8;
