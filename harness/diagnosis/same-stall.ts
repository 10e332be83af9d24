import { secondsBetween } from './seconds-between.js';

/** What two announcements of a stall are told apart by. */
interface Announced {
  readonly before: string;
  readonly lineStart: number;
}

/**
 * A CPU that stalls says so itself, others say it of that CPU, and both again every few minutes: one stall. Hours later,
 * or in another grace period of the same kind, it is another one.
 */
export function isSameStall(text: string, earlier: Announced, later: Announced): boolean {
  const passed = secondsBetween(earlier.before, later.before);
  if (passed !== null && passed > longestSilence) return false;
  const one = graceOf(text.slice(earlier.lineStart, Math.min(later.lineStart, earlier.lineStart + reach)));
  const other = graceOf(text.slice(later.lineStart, later.lineStart + reach));
  return one === null || other === null || one.kind !== other.kind || one.number === other.number;
}

/** Seconds: with the longest usual timeout (60 s, Ubuntu's and Debian's) the words come again after three of those and 3. */
const longestSilence = 200;

/** Characters in which the number follows: it is on the same line, or after the list of the CPUs. */
const reach = 1500;

function graceOf(words: string): { readonly kind: string; readonly number: string } | null {
  const number = /[ ,(]g=?(-?\d+)\b/.exec(words)?.[1];
  const kind = /INFO: (\w+)/.exec(words)?.[1];
  return number === undefined || kind === undefined ? null : { kind, number };
}
