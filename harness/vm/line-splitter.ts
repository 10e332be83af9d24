/**
 * Cuts a stream of bytes into lines (without their newline), bounded: a line over the limit is dropped whole and counted,
 * so that a peer that never ends its line costs no more than the limit.
 */
export class LineSplitter {
  readonly #limitBytes: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #skipping = false;
  #dropped = 0;

  constructor({ limitBytes }: { limitBytes: number }) {
    this.#limitBytes = limitBytes;
  }

  /** Lines that were over the limit. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The lines that this chunk completes. */
  *push(chunk: Buffer): Generator<Buffer> {
    let from = 0;
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, from)) {
      this.#keep(chunk.subarray(from, at));
      from = at + 1;
      const line = this.#take();
      if (line !== undefined) yield line;
    }
    this.#keep(chunk.subarray(from));
  }

  #keep(part: Buffer): void {
    if (this.#skipping || part.length === 0) return;
    if (this.#pendingBytes + part.length > this.#limitBytes) {
      this.#skipping = true;
      this.#dropped += 1;
      this.#pending = [];
      this.#pendingBytes = 0;
      return;
    }
    this.#pending.push(part);
    this.#pendingBytes += part.length;
  }

  #take(): Buffer | undefined {
    const line = this.#skipping ? undefined : Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#skipping = false;
    return line;
  }
}

const newline = 0x0a;
