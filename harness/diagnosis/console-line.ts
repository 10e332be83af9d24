/** One line of a console without what the transport wrapped around the kernel's words. */
export interface ConsoleLine {
  readonly text: string;
  /** The kernel's stamp, seconds since power-on; null where there is none. */
  readonly seconds: number | null;
  /** CONFIG_PRINTK_CALLER: T12 (task) or C0 (CPU in interrupt); '' without it. */
  readonly caller: string;
}

/** Characters of one line that are read; the rest, if any, is somebody's garbage. */
export const lineLimit = 2048;

/**
 * Strips escape sequences, log levels, syslog's header, stamps of all sorts and caller ids from the front, and the
 * line's end. Costs time linear in `lineLimit` at most, whatever is in the line.
 *
 * @param prefix what this report's lines have in front besides (see shared-prefix.ts)
 */
export function consoleLine(raw: string, prefix: RegExp | null = null): ConsoleLine {
  let text = raw.length > lineLimit ? raw.slice(0, lineLimit) : raw;
  if (text.includes('\x1b')) text = withoutColours(text);
  const carriage = text.indexOf('\r');
  if (carriage !== -1) text = text.slice(text.startsWith('\r') ? 1 : 0).replace(/\r[^\n]*$/, '');
  let seconds: number | null = null;
  let caller = '';
  const strip = (front: string): void => {
    const stamp = kernelStamp.exec(front);
    if (stamp?.[1] !== undefined) seconds = Number(stamp[1]);
    else if (stamp?.[2] !== undefined) seconds = Number(stamp[2]) / 1e6;
    caller = callerOf.exec(front)?.[1] ?? caller;
    text = text.slice(front.length);
  };
  const shared = prefix?.exec(text);
  if (shared) strip(shared[0]);
  const syslog = text.lastIndexOf('kernel:', 160);
  const beforeSyslog = text[syslog - 1];
  if (syslog !== -1 && (beforeSyslog === ' ' || beforeSyslog === undefined))
    text = text.slice(syslog + (text[syslog + 7] === ' ' ? 8 : 7));
  // User space wrote into the line first: the kernel's words begin at its stamp.
  const stamp = text.startsWith('[') || text.startsWith('<') ? -1 : text.search(midLineStamp);
  if (stamp > 0) text = text.slice(stamp);
  for (;;) {
    const front = printk.exec(text);
    if (front) {
      if (front[1] !== undefined) seconds = Number(front[1]);
      if (front[2] !== undefined) caller = front[2];
      text = text.slice(front[0].length);
      continue;
    }
    const other = mayBegin.test(text) ? others.exec(text) : null;
    if (!other) return { text, seconds, caller };
    strip(other[0]);
  }
}

/** A terminal's colours (dmesg --color, systemd) are in nobody's message. */
export const withoutColours = (text: string): string => text.replace(ansi, '');

const midLineStamp = /\[ *\d{1,10}\.\d{6}\](?: |\[)/;
const escapeCharacter = String.fromCharCode(0x1b);
const ansi = new RegExp(String.raw`${escapeCharacter}\[[0-9;?]{0,32}[A-Za-z]`, 'g');

/** In what was stripped: the kernel's own clock, as printk's stamp or as a record of /dev/kmsg has it (microseconds). */
const kernelStamp = /\[ *(\d{1,9}\.\d{1,9})(?:@\d+)?\]|^\d{1,4},\d{1,12},(\d{1,18}),[^;]*;/;
const callerOf = /(?:\[ *|caller=)([TC]\d{1,8})\b/;

/** `<4>`, `[   12.345678]` (with `@CPU` or `c0` on some vendors' trees), `[    T12]`, `** 12 printk messages dropped **`. */
const printk =
  /^(?:<\d{1,3}>|\[ *(\d{1,9}\.\d{1,9})(?:@\d+)?\](?: [cC]\d+)? ?|\[ *([TC]\d{1,8})\] ?|\*\* \d+ printk messages dropped \*\* ?)/;

/** What else is taken for a prefix without looking at other lines. */
const mayBegin = /^[[\d>A-Zkuds]/;
const others = new RegExp(
  `^(?:${[
    // a record of /dev/kmsg, and netconsole's extended form
    String.raw`\d{1,4},\d{1,12},\d{1,18},[^;\n]{1,60};`,
    // stamps of dmesg -T, -H, -d, and of collectors: brackets around a clock, a date or seconds since 1970
    String.raw`\[(?=[^\]\n]{0,40}\d[:.]\d)[\w +<>:.,/-]{4,48}\]:? ?`,
    String.raw`\[1\d{9}\]:? ?`,
    // dmesg --time-format iso, and syslog's own clock where no "kernel:" follows
    String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?:? ?`,
    String.raw`[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d{1,9})?:? `,
    // dmesg -x and its like
    String.raw`(?:kern|user|daemon|syslog)(?: *: *|\.)[a-z]{3,7} *: ?`,
    // quoted in a mail
    '(?:> ?)+',
  ].join('|')})`,
);
