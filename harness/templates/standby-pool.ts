import type { MachineSpec } from '../vm/types.js';
import { Standby } from './standby.js';
import type { Template } from './template.js';

interface StandbySlot {
  readonly template: Template;
  /** undefined where it didn't start: the attempt then finds out why. */
  readonly standby: Promise<Standby | undefined>;
}

/** Machines that wait for a template's state, a bounded number of them. */
export class StandbyPool implements AsyncDisposable {
  readonly #limit: number;
  readonly #signal: AbortSignal;
  #places: StandbySlot[] = [];
  /** Ends that are under way. */
  readonly #ending = new Set<Promise<void>>();
  #closed = false;

  constructor(limit: number, signal: AbortSignal) {
    this.#limit = limit;
    this.#signal = signal;
  }

  /** One that waits for this template, if there is any; it is the caller's. */
  async take(template: Template): Promise<Standby | undefined> {
    const at = this.#places.findIndex((place) => place.template.id === template.id);
    const [place] = at < 0 ? [] : this.#places.splice(at, 1);
    const standby = await place?.standby;
    if (standby?.waits) return standby;
    await standby?.[Symbol.asyncDispose]();
    return undefined;
  }

  /** Starts what is wanted and not there, and ends what is there and not wanted. */
  keep(wanted: readonly { readonly template: Template; readonly spec: MachineSpec }[]): void {
    if (this.#closed) return;
    const spare = [...this.#places];
    const places: StandbySlot[] = [];
    for (const { template, spec } of wanted.slice(0, this.#limit)) {
      const at = spare.findIndex((place) => place.template.id === template.id);
      const [place] = at < 0 ? [] : spare.splice(at, 1);
      places.push(place ?? this.#start(template, spec));
    }
    this.#places = places;
    for (const place of spare) this.#end(place);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const place of this.#places.splice(0)) this.#end(place);
    await Promise.all(this.#ending);
  }

  #start(template: Template, spec: MachineSpec): StandbySlot {
    const standby = Standby.start(template, spec, this.#signal).catch(() => undefined);
    return { template, standby };
  }

  #end({ standby }: StandbySlot): void {
    const ending = standby.then((machine) => machine?.[Symbol.asyncDispose]());
    this.#ending.add(ending);
    void ending.finally(() => this.#ending.delete(ending));
  }
}
