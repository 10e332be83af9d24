import { type Fatal, fatalIn } from './fatal-words.js';

/**
 * Watches console bytes for the first words of a report that a machine seldom survives, at the price of one search per
 * chunk. It only decides when an attempt is over; what the report is, the classifier says afterwards, by the same rules.
 */
export class FatalText {
  #line = '';
  seen: Fatal = 'none';

  /** @returns true where this chunk changed what was seen */
  feed(chunk: string): boolean {
    if (this.seen === 'panic') return false;
    // A line is read when it is whole: what follows a fault's name tells user space's from the kernel's.
    const text = this.#line + chunk;
    const end = text.lastIndexOf('\n') + 1;
    const isEndless = text.length - end > longestLine;
    this.#line = text.slice(isEndless ? -overlap : end);
    if (end === 0 && !isEndless) return false;
    const now = fatalIn(isEndless ? text : text.slice(0, end));
    if (now === 'none' || now === this.seen) return false;
    this.seen = now;
    return true;
  }
}

/** Characters after which a line is read though it has no end yet, and how many of them are read again with the next. */
const longestLine = 2048;
const overlap = 512;
