import type { FactFrame, NoteFrame, SampleFrame } from './types.js';

/** What a workload said in the course of an attempt, within bounds: they are against a hostile guest, no quotas. */
export class Kept {
  readonly #facts: Omit<FactFrame, 'type'>[] = [];
  readonly #samples: Omit<SampleFrame, 'type'>[] = [];
  readonly #notes: string[] = [];
  readonly #room = { facts: factsBytes, samples: samplesBytes };
  #overflow = 0;

  add(frame: FactFrame | SampleFrame | NoteFrame): void {
    switch (frame.type) {
      case 'fact':
        this.#store('facts', this.#facts, factOf(frame));
        return;
      case 'sample':
        this.#store('samples', this.#samples, { name: frame.name, value: frame.value, uptime: frame.uptime });
        return;
      case 'note':
        this.#notes.push(frame.text);
        if (this.#notes.length > mostNotes) this.#notes.shift();
        return;
      default:
        frame satisfies never;
    }
  }

  get facts(): readonly Omit<FactFrame, 'type'>[] {
    return this.#facts;
  }

  get samples(): readonly Omit<SampleFrame, 'type'>[] {
    return this.#samples;
  }

  /** The last of them, oldest first. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  /** Facts and samples over the bounds, not kept. */
  get overflow(): number {
    return this.#overflow;
  }

  #store<T>(kind: 'facts' | 'samples', list: T[], item: T): void {
    const bytes = Buffer.byteLength(JSON.stringify(item));
    if (bytes > this.#room[kind]) {
      this.#overflow += 1;
      return;
    }
    this.#room[kind] -= bytes;
    list.push(item);
  }
}

/** Without the frame's own `type`; `module` only where it was said. */
const factOf = ({ name, value, module, evidence }: FactFrame): Omit<FactFrame, 'type'> => ({
  name,
  value,
  ...(module !== undefined && { module }),
  evidence,
});

/**
 * Bytes of facts and of samples, as JSON. `features` sends 5 kB of facts; a sample takes 50 bytes, so that a workload that sends ten
 * per second is kept whole for an hour.
 */
const factsBytes = 256 * 1024;
const samplesBytes = 2 * 1024 * 1024;
/** A frame's line is 2 KiB at most. */
const mostNotes = 300;
