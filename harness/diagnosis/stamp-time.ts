/**
 * When a line was printed, in seconds from a moment that is the same for all lines of one console; null where its front
 * doesn't tell. The kernel's own clock comes first, then a collector's: with a date where there is one, to the minute
 * where it says no more.
 *
 * @param front the line's text before the kernel's words
 */
export function stampTime(front: string): number | null {
  const printk = /\[ *(\d{1,9}\.\d{1,9})(?:@\d+)?\]/.exec(front);
  if (printk) return Number(printk[1]);
  const record = /^\D{0,8}\d{1,4},\d{1,12},(\d{1,18}),[^;]*;/.exec(front);
  if (record) return Number(record[1]) / 1e6;
  const since1970 = /\b(1\d{9})(?:\.\d{1,9})?\b/.exec(front);
  if (since1970) return Number(since1970[1]);
  const clock = /(\d{1,2}):(\d\d)(?::(\d\d))?/.exec(front);
  if (!clock) return null;
  const [, hours, minutes, rest] = clock;
  return dayOf(front) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(rest ?? 0);
}

/** Months of 31 days: only differences between days that follow each other matter. */
function dayOf(front: string): number {
  const numbers = /\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})/.exec(front);
  if (numbers) return (Number(numbers[1]) * 12 + Number(numbers[2])) * 31 + Number(numbers[3]);
  const named = /(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6} ?(\d{1,2})\b/.exec(front);
  return named ? months.indexOf(named[1] ?? '') * 31 + Number(named[2]) : 0;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
