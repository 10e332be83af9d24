import { consoleLine, lineLimit, withoutColours } from './console-line.js';
import { isProse, isQuotation } from './prose.js';
import type { Rule } from './rules/rule.js';
import { sharedPrefix } from './shared-prefix.js';

/** A place where the console announces an event. */
export interface Headline {
  readonly rule: Rule;
  readonly match: RegExpExecArray;
  /** Line number from 1, and where that line begins and ends in the text. */
  readonly line: number;
  readonly lineStart: number;
  readonly lineEnd: number;
  /** The line's text before the headline: stamps, and whatever else wrote into the line. */
  readonly before: string;
  /** What the lines around have in front, too, where it is nothing that any transport is known to write. */
  readonly prefix: RegExp | null;
  /** Something that is no prefix stands before it. */
  readonly interleaved: boolean;
}

export type HeadlineFinder = (text: string) => Generator<Headline>;

/**
 * Finds headlines in one pass: a single regular expression over all heads, then the rules under the head found. Time is
 * linear in the text, whatever the length of its lines.
 */
export function headlineFinder(some: readonly Rule[]): HeadlineFinder {
  const byHead = new Map<string, Rule[]>();
  for (const rule of some) byHead.set(rule.head, [...(byHead.get(rule.head) ?? []), rule]);
  const anyHead = anyOf([...byHead.keys()]);
  return (text) => headlines(text, new RegExp(anyHead, 'g'), byHead);
}

/** A pattern for any of these literals, the longest first. */
export function anyOf(literals: readonly string[]): string {
  return [...literals]
    .sort((one, other) => other.length - one.length)
    .map((head) => head.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('|');
}

function* headlines(
  text: string,
  finder: RegExp,
  byHead: ReadonlyMap<string, readonly Rule[]>,
): Generator<Headline> {
  let line = 1;
  let lineStart = 0;
  let lineEnd = endOfLine(text, 0);
  let asked = 0;
  for (let hit = finder.exec(text); hit; hit = finder.exec(text)) {
    while (lineEnd < hit.index) {
      line += 1;
      lineStart = lineEnd + 1;
      lineEnd = endOfLine(text, lineStart);
    }
    const windowStart = Math.max(lineStart, hit.index - 256);
    const before = text.slice(windowStart, hit.index);
    if (before.endsWith('---[ end ')) continue;
    const message = text.slice(hit.index, Math.min(lineEnd, hit.index + lineLimit));
    const found = firstFit(byHead.get(hit[0]) ?? [], message);
    if (!found) continue;
    // One line announces one event, unless it's a line of garbage without end.
    const next = Math.min(lineEnd, hit.index + lineLimit);
    if (isFaultOfUser.test(`${nameEnd.exec(before)?.[0] ?? ''}${message}`)) {
      finder.lastIndex = next;
      continue;
    }
    const known = isTransport(before);
    const quoted = isQuotation(before, message);
    let prefix: RegExp | null = null;
    if ((quoted || !known || !isBare(before)) && windowStart === lineStart && asked < askLimit) {
      const front = before.replace(speech, '');
      asked += 1;
      // a prefix that ended in a word would have cut it in two
      if (!/\w$/.test(front)) prefix = sharedPrefix(text, lineStart, front);
    }
    const interleaved = !known && prefix === null;
    if (quoted && prefix === null) continue;
    const said = interleaved ? firstFit(byHead.get(hit[0]) ?? [], message, true) : found;
    if (!said || (interleaved && isProse(said.rule, message.slice(said.match[0].length)))) continue;
    yield { ...said, line, lineStart, lineEnd, before, prefix, interleaved };
    finder.lastIndex = next;
  }
}

function endOfLine(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  return newline === -1 ? text.length : newline;
}

function firstFit(some: readonly Rule[], message: string, onlyAnywhere = false) {
  for (const rule of some) {
    if (onlyAnywhere && !rule.anywhere) continue;
    rule.pattern.lastIndex = 0;
    const match = rule.pattern.exec(message);
    if (match) return { rule, match };
  }
  return undefined;
}

/** Looking at the lines around costs some microseconds; a console that asks more often is nobody's. */
const askLimit = 20_000;

/**
 * The line about a program that crashed: a name of 15 characters chosen by a user may look like a headline. It may look like these
 * words, too, and some headlines name a program (soft lockup, hung task, OOM): so they count behind a name's [pid] alone, and a trap
 * with both its registers, which is more than a name holds.
 */
export const faultOfUser =
  '\\[\\d+\\]:? (segfault at [0-9a-f]+ [re]?ip|general protection( fault)? [re]?ip:|trap [A-Za-z0-9 ]+ [re]?ip:[0-9a-f]+ [re]?sp:)';
const isFaultOfUser = new RegExp(faultOfUser);

/** Where the fault's own words are a headline's, its program stands before them. */
const nameEnd = /\[\d{1,10}\]:? $/;

/**
 * What may stand before a headline without being somebody else's text: up to the last stamp, then the kernel's own
 * prefixes. The words before "invoked oom-killer" and a kmem_cache's headline are the kernel's too.
 */
const ornament = String.raw`(?:\[ |={3,} ?|\*{3,} ?|-{3,} ?)?`;
const speaker = String.raw`(?:(?:NMI )?watchdog: |rcu: |traps: |usercopy: |segment-related |kasan: GPF could be caused by NULL-ptr deref or user memory access|[\w.-]{1,32}[: ] ?(?:CPU ?\d+: ?))?(?:CPU ?\d+: ?)?(?:BUG: )?`;
const transport = new RegExp(String.raw`(?:^|\] ?|<\d{1,3}>|\bkernel: ?|\*\* ?)\r?\s*${ornament}${speaker}$`);
const speech = new RegExp(`${ornament}${speaker}$`);
const nothingElse = new RegExp(String.raw`^\s*${ornament}${speaker}$`);

function isTransport(before: string): boolean {
  const plain = before.includes('\x1b') ? withoutColours(before) : before;
  return transport.test(plain.slice(plain.lastIndexOf('\r') + 1)) || isBare(before);
}

/** Whether nothing is left when what transports are known to write is taken off. */
const isBare = (before: string): boolean => nothingElse.test(consoleLine(before).text);
