import { type FileHandle, open } from 'node:fs/promises';
import process from 'node:process';
import { HostError } from '../errors.js';
import { withFileErrors } from '../host/file-errors.js';
import { buildForkLibrary } from '../vm/fork-library.js';
import { calmBoot } from './calm-boot.js';
import { LiveTemplate } from './live-template.js';
import type { MachineRequest, Opened } from './opened.js';

interface TemplateSlot {
  readonly template: Promise<LiveTemplate>;
  readonly memoryMiB: number;
  /** Attempts that wait for a copy. */
  waiting: number;
}

/** The live templates of a run: as many as fit into the memory that is set aside for them. */
export class LiveTemplates implements AsyncDisposable {
  readonly #budgetMiB: number;
  readonly #signal: AbortSignal;
  /** By machine; the one that was used last comes last. */
  readonly #places = new Map<string, TemplateSlot>();
  /** Those that made room for others. To boot them again and again is what they are to spare us. */
  readonly #gaveWay = new Set<string>();
  #library: Promise<FileHandle> | undefined;

  /** @param budgetMiB for all together, see liveTemplatesMiB */
  constructor(budgetMiB: number, signal: AbortSignal) {
    this.#budgetMiB = budgetMiB;
    this.#signal = signal;
  }

  /**
   * A copy of the template of this name, which is booted where there is none.
   *
   * @param signal of the attempt; a template's boot, which others may wait for, goes on until the run's own
   * @returns null where there is no room for it
   * @throws HostError, ImageError where this machine can't be copied; the signal's reason
   */
  async open(
    name: string,
    request: MachineRequest,
    release: string,
    signal: AbortSignal,
  ): Promise<Opened | null> {
    const askedAt = performance.now();
    const place = this.#places.get(name) ?? (await this.#make(name, request, release));
    if (place === null) return null;
    place.waiting += 1;
    this.#places.delete(name);
    this.#places.set(name, place);
    try {
      const template = await place.template;
      signal.throwIfAborted();
      return await template.copy(askedAt, signal);
    } finally {
      place.waiting -= 1;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of [...this.#places.keys()]) await this.#end(name);
    const library = await this.#library?.catch(() => undefined);
    await library?.close();
  }

  async #make(name: string, request: MachineRequest, release: string): Promise<TemplateSlot | null> {
    const { accelerator, shape } = request.spec;
    if (accelerator !== 'tcg') throw new HostError('KVM machines live in the kernel, and can’t be copied');
    const memoryMiB = shape.memoryMiB + qemuMiB;
    if (memoryMiB > this.#budgetMiB) {
      throw new HostError(
        `it takes ${memoryMiB} MiB, more than the eighth of free memory that copied machines may use (${this.#budgetMiB} MiB)`,
      );
    }
    if (this.#gaveWay.has(name) || !(await this.#makeRoom(memoryMiB))) return null;
    // another attempt may have come first meanwhile
    const there = this.#places.get(name);
    if (there) return there;
    if (this.#usedMiB() + memoryMiB > this.#budgetMiB) return null;
    const place = { template: this.#boot(request, release), memoryMiB, waiting: 0 };
    this.#places.set(name, place);
    place.template.catch(() => this.#places.delete(name));
    return place;
  }

  /** Opened by way of this process, as templates are: its own path may be pruned, or hold what LD_PRELOAD takes for two. */
  async #boot(request: MachineRequest, release: string): Promise<LiveTemplate> {
    this.#library ??= openLibrary(this.#signal);
    const { fd } = await this.#library;
    const library = `/proc/${process.pid}/fd/${fd}`;
    return await calmBoot(() => LiveTemplate.boot(request, library, release, this.#signal));
  }

  /** Ends those that nobody uses, longest unused first. False where that isn't enough. */
  async #makeRoom(memoryMiB: number): Promise<boolean> {
    for (const [name, { template, waiting }] of this.#places) {
      if (this.#usedMiB() + memoryMiB <= this.#budgetMiB) return true;
      if (waiting > 0) continue;
      const live = await template.catch(() => undefined);
      if (live?.isInUse || this.#places.get(name)?.waiting !== 0) continue;
      this.#gaveWay.add(name);
      await this.#end(name);
    }
    return this.#usedMiB() + memoryMiB <= this.#budgetMiB;
  }

  #usedMiB(): number {
    return [...this.#places.values()].reduce((sum, { memoryMiB }) => sum + memoryMiB, 0);
  }

  /** One that never booted has ended by itself. */
  async #end(name: string): Promise<void> {
    const place = this.#places.get(name);
    this.#places.delete(name);
    const live = await place?.template.catch(() => undefined);
    await live?.[Symbol.asyncDispose]();
  }
}

/** An eighth of what is free now: of the quarter that attempts leave (capacity.ts), the other half is this host's. */
export const liveTemplatesMiB = (): number => Math.floor(process.availableMemory() / 2 ** 20 / 8);

async function openLibrary(signal: AbortSignal): Promise<FileHandle> {
  const path = await buildForkLibrary(signal);
  return withFileErrors(path, () => open(path, 'r'));
}

/** QEMU itself with what it has translated of a boot, measured with 7.2: 60 to 90 MiB. */
const qemuMiB = 96;
