/**
 * Seconds between two lines of one console, by their stamps; null where a front doesn't tell, or tells of another clock. The
 * kernel's own clock comes first, then a collector's: with a date where there is one, to the minute where it says no more. Without
 * a date, or without its year, it is the least that fits: a stall goes on over midnight and New Year.
 *
 * @param one a line's text before the kernel's words
 * @param other likewise
 */
export function secondsBetween(one: string, other: string): number | null {
  const found = someYears.flatMap((year) => {
    const [from, to] = [stampOf(one, year), stampOf(other, year)];
    if (from === null || to === null || from.cycle !== to.cycle) return [];
    const apart = Math.abs(to.seconds - from.seconds) % from.cycle;
    return [Math.min(apart, from.cycle - apart)];
  });
  return found.length === 0 ? null : Math.min(...found);
}

interface Stamp {
  /** From a moment that is the same for all stamps of this cycle. */
  readonly seconds: number;
  /** Seconds after which the clock shows the same again; infinite where it never does. */
  readonly cycle: number;
}

/** With a leap day and without: a date that tells no year may be of either. */
const someYears = [2000, 2001] as const;

/** @param year of a date that doesn't tell its own; null also where that year lacks its day */
function stampOf(front: string, year: number): Stamp | null {
  const printk = /\[ *(\d{1,9}\.\d{1,9})(?:@\d+)?\]/.exec(front);
  if (printk) return { seconds: Number(printk[1]), cycle: Number.POSITIVE_INFINITY };
  const record = /^\D{0,8}\d{1,4},\d{1,12},(\d{1,18}),[^;]*;/.exec(front);
  if (record) return { seconds: Number(record[1]) / 1e6, cycle: Number.POSITIVE_INFINITY };
  const since1970 = /\b(1\d{9})(?:\.\d{1,9})?\b/.exec(front);
  if (since1970) return { seconds: Number(since1970[1]), cycle: Number.POSITIVE_INFINITY };
  const clock = /(\d{1,2}):(\d\d)(?::(\d\d))?/.exec(front);
  if (!clock) return null;
  const [, hours, minutes, rest] = clock;
  const date = dateOf(front, year);
  if (date === null) return null;
  return {
    seconds: date.seconds + Number(hours) * 3600 + Number(minutes) * 60 + Number(rest ?? 0),
    cycle: date.cycle,
  };
}

/** The beginning of its day. */
function dateOf(front: string, year: number): Stamp | null {
  const numbers = /\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})/.exec(front);
  if (numbers) {
    const [, own, month, day] = numbers.map(Number);
    return { seconds: midnight(own, month, day), cycle: Number.POSITIVE_INFINITY };
  }
  const named = /(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6} {0,2}(\d{1,2})\b/.exec(front);
  if (!named) return { seconds: 0, cycle: 86_400 };
  const month = months.indexOf(named[1] ?? '') + 1;
  const day = Number(named[2]);
  if (month === 2 && day === 29 && midnight(year, 2, 29) === midnight(year, 3, 1)) return null;
  return { seconds: midnight(year, month, day), cycle: midnight(year + 1, 1, 1) - midnight(year, 1, 1) };
}

const midnight = (year = 0, month = 1, day = 1): number => Date.UTC(year, month - 1, day) / 1000;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
