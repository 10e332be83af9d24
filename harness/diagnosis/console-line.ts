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
 * Strips escape sequences, log levels, syslog's header, stamps and caller ids from the front, and the line's end.
 * Costs time linear in `lineLimit` at most, whatever is in the line.
 */
export function consoleLine(raw: string): ConsoleLine {
  let text = raw.length > lineLimit ? raw.slice(0, lineLimit) : raw;
  if (text.includes('\x1b')) text = text.replace(ansi, '');
  const carriage = text.indexOf('\r');
  if (carriage !== -1) text = text.slice(text.startsWith('\r') ? 1 : 0).replace(/\r[^\n]*$/, '');
  const syslog = text.lastIndexOf(' kernel: ', 160);
  if (syslog !== -1) text = text.slice(syslog + ' kernel: '.length);
  // User space wrote into the line first: the kernel's words begin at its stamp.
  const stamp = text.startsWith('[') || text.startsWith('<') ? -1 : text.search(midLineStamp);
  if (stamp > 0) text = text.slice(stamp);
  let seconds: number | null = null;
  let caller = '';
  for (;;) {
    const prefix = prefixes.exec(text);
    if (!prefix) return { text, seconds, caller };
    if (prefix[1] !== undefined) seconds = Number(prefix[1]);
    if (prefix[2] !== undefined) caller = prefix[2];
    text = text.slice(prefix[0].length);
  }
}

const midLineStamp = /\[ *\d{1,10}\.\d{6}\](?: |\[)/;
const escapeCharacter = String.fromCharCode(0x1b);
const ansi = new RegExp(String.raw`${escapeCharacter}\[[0-9;?]{0,32}[A-Za-z]`, 'g');

/** `<4>`, `[   12.345678]` (with `@CPU` or `c0` on some vendors' trees), `[    T12]`, `** 12 printk messages dropped **`. */
const prefixes =
  /^(?:<\d{1,3}>|\[ *(\d{1,10}\.\d{1,9})(?:@\d+)?\](?: [cC]\d+)? ?|\[ *([TC]\d{1,8})\] ?|\*\* \d+ printk messages dropped \*\* ?)/;
