/** Counts frames that were lost on the way: every writer numbers its frames upwards. */
export class Sequence {
  readonly #last = new Map<string, number>();
  #missing = 0;

  see(writer: string, n: number): void {
    const last = this.#last.get(writer);
    // the first number of a writer proves nothing: a machine restored from a template goes on with an old count
    if (last !== undefined && n > last + 1) this.#missing += n - last - 1;
    if (last === undefined || n > last) this.#last.set(writer, n);
  }

  get missing(): number {
    return this.#missing;
  }
}
