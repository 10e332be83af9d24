/**
 * Watches console bytes for the first words of a report that a machine seldom survives, at the price of one search a
 * chunk. It only decides when an attempt is over; what the report is, the classifier says afterwards.
 */
export class FatalText {
  #tail = '';
  /** `panic` outranks `oops`: a machine that panicked will not come back. */
  seen: 'none' | 'oops' | 'panic' = 'none';

  /** @returns true where this chunk changed what was seen */
  feed(chunk: string): boolean {
    const text = this.#tail + chunk;
    // the longest pattern may be cut in two by the chunk's end
    this.#tail = text.slice(-64);
    const before = this.seen;
    if (panicText.test(text)) this.seen = 'panic';
    else if (before === 'none' && oopsText.test(text)) this.seen = 'oops';
    return this.seen !== before;
  }
}

/** What a whole console shows. */
export function fatalIn(text: string): FatalText['seen'] {
  const fatal = new FatalText();
  fatal.feed(text);
  return fatal.seen;
}

const panicText = /Kernel panic - not syncing/;
const oopsText =
  /(?:Oops: |BUG: unable to handle|kernel NULL pointer dereference|general protection fault|kernel BUG at |invalid opcode: |soft lockup - CPU|hard LOCKUP)/;
