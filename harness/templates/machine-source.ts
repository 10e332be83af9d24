import { removeEntry } from '../cache/store.js';
import { HostError, ImageError, messageOf } from '../errors.js';
import { canonicalJson } from '../matrix/canonical-json.js';
import { LiveTemplates } from './live-templates.js';
import { obtainTemplate } from './make-template.js';
import { openCold } from './open-cold.js';
import type { MachineRequest, Opened, Start } from './opened.js';
import { Standby } from './standby.js';
import { StandbyPool } from './standby-pool.js';
import { StartFailures } from './start-failures.js';
import type { Template } from './template.js';

/** A machine that is wanted, by whom, and how. */
export interface Wanted extends MachineRequest {
  /** Row of matrix.yml, for messages. */
  readonly kernel: string;
  readonly kernelId: string;
  readonly release: string;
  readonly start: Start;
}

export interface MachineSourceOptions {
  /** Machines that may wait for their state at a time. */
  readonly standbys: number;
  /** Memory for live templates, all together. */
  readonly liveTemplatesMiB: number;
  /** Called once for each template that can't be had or used, with how the attempts that wanted it start instead. */
  readonly onRefused: (kernel: string, reason: string, instead: Start) => void;
  readonly signal: AbortSignal;
}

/**
 * Gives attempts their machines: copied from a live template or restored from a saved one, which the first one makes; or booted,
 * where that is asked for or nothing else works. What it started and nobody took ends with it.
 */
export class MachineSource implements AsyncDisposable {
  readonly #options: MachineSourceOptions;
  readonly #templates = new Map<string, Promise<Template | null>>();
  /** Templates that are there, by the machine that they stand for. */
  readonly #known = new Map<string, Template>();
  /** All that are held; a machine that is being restored still needs one that was refused meanwhile. */
  readonly #opened: Template[] = [];
  readonly #refused = new Set<string>();
  readonly #live: LiveTemplates;
  readonly #notLive = new Set<string>();
  /** Of processes that were to become a template, live or saved, or to be restored from one. */
  readonly #failures = new StartFailures();
  readonly #standbys: StandbyPool;

  constructor(options: MachineSourceOptions) {
    this.#options = options;
    this.#standbys = new StandbyPool(options.standbys, options.signal);
    this.#live = new LiveTemplates(options.liveTemplatesMiB, options.signal);
  }

  /**
   * @param signal of the attempt; the making of a template, which others may wait for, goes on until the source's own
   * @throws StartError where no machine starts at all; the signal's reason
   */
  async open(wanted: Wanted, signal: AbortSignal): Promise<Opened> {
    const { spec, start } = wanted;
    const askedAt = performance.now();
    const copied = start === 'fork' ? await this.#copy(wanted, signal) : null;
    if (copied) return copied;
    const template = start === 'cold' ? null : await this.#template(wanted);
    signal.throwIfAborted();
    if (template === null) return openCold(wanted, signal);
    let standby: Standby | undefined;
    try {
      // one that waited may have been ended by others; one just started tells about the template
      const waiting = await this.#standbys.take(template);
      const opened = await waiting?.wake(askedAt, signal).catch((error: unknown) => {
        signal.throwIfAborted();
        if (!isRefusal(error)) throw error;
      });
      if (opened) return opened;
      standby = await Standby.start(template, spec, signal);
      this.#failures.cameUp(savedOf(wanted));
      return await standby.wake(askedAt, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (this.#failures.isOnlyThisTime(savedOf(wanted), error)) return openCold(wanted, signal);
      // a QEMU that doesn't start says nothing of the template
      await this.#refuse(wanted, error, standby && template);
      return openCold(wanted, signal);
    }
  }

  /** The machines that are wanted next, soonest first: what their start costs is then paid while others run. */
  expect(next: readonly Wanted[]): void {
    const machines = next.flatMap((wanted) => {
      const isRestored = wanted.start === 'template' || this.#notLive.has(nameOf(wanted));
      const template = isRestored ? this.#known.get(nameOf(wanted)) : undefined;
      return template ? [{ template, spec: wanted.spec }] : [];
    });
    this.#standbys.keep(machines);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#standbys[Symbol.asyncDispose]();
    await this.#live[Symbol.asyncDispose]();
    for (const template of this.#opened.splice(0)) await template[Symbol.asyncDispose]();
  }

  /** Null where this machine can't be copied, of which nobody is told twice, or there is no room for one more template. */
  async #copy(wanted: Wanted, signal: AbortSignal): Promise<Opened | null> {
    const name = nameOf(wanted);
    if (this.#notLive.has(name)) return null;
    try {
      const opened = await this.#live.open(name, wanted, wanted.release, signal);
      if (opened) this.#failures.cameUp(liveOf(wanted));
      return opened;
    } catch (error) {
      signal.throwIfAborted();
      this.#options.signal.throwIfAborted();
      if (!isRefusal(error)) throw error;
      if (this.#failures.isOnlyThisTime(liveOf(wanted), error)) return null;
      if (!this.#notLive.has(name)) this.#options.onRefused(wanted.kernel, messageOf(error), 'template');
      this.#notLive.add(name);
      return null;
    }
  }

  #template(wanted: Wanted): Promise<Template | null> {
    const name = nameOf(wanted);
    const template = this.#templates.get(name) ?? this.#obtain(wanted);
    this.#templates.set(name, template);
    return template;
  }

  async #obtain(wanted: Wanted): Promise<Template | null> {
    const { kernelId: kernel, release } = wanted;
    try {
      const template = await obtainTemplate(wanted, { kernel, release }, this.#options.signal);
      this.#opened.push(template);
      this.#failures.cameUp(savedOf(wanted));
      this.#known.set(nameOf(wanted), template);
      return template;
    } catch (error) {
      this.#options.signal.throwIfAborted();
      if (this.#failures.isOnlyThisTime(savedOf(wanted), error)) this.#templates.delete(nameOf(wanted));
      else await this.#refuse(wanted, error);
      return null;
    }
  }

  /**
   * From now on attempts that want this machine boot. A template that can't be restored goes, so that the next run makes it
   * again. What isn't about it (an interruption, a bug of ours) goes on up.
   */
  async #refuse(wanted: Wanted, error: unknown, template?: Template): Promise<void> {
    this.#options.signal.throwIfAborted();
    if (!isRefusal(error)) throw error;
    const name = nameOf(wanted);
    this.#known.delete(name);
    if (this.#refused.has(name)) return;
    this.#refused.add(name);
    this.#templates.set(name, Promise.resolve(null));
    if (template) await removeEntry('templates', template.id);
    this.#options.onRefused(wanted.kernel, messageOf(error), 'cold');
  }
}

/** About a kernel, or about this host: reasons to boot instead. */
const isRefusal = (error: unknown): boolean => error instanceof HostError || error instanceof ImageError;

/** One template for all attempts that want the same machine. */
const nameOf = ({ imageId, spec: { shape, bootArguments, disks = [] } }: MachineRequest): string =>
  canonicalJson({ imageId, shape, bootArguments, disks: disks.map(({ id }) => id) });

/** What StartFailures count by. */
const savedOf = (wanted: Wanted): string => `saved ${nameOf(wanted)}`;
const liveOf = (wanted: Wanted): string => `live ${nameOf(wanted)}`;
