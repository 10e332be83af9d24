import { lineLimit } from './console-line.js';
import { rules } from './rules/index.js';
import type { Rule } from './rules/rule.js';

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
  /** Something that is no transport's prefix stands before it. */
  readonly interleaved: boolean;
}

/**
 * Finds the headlines in one pass: a single regular expression over all heads, then the rules under the head found.
 * Time is linear in the text, whatever the length of its lines.
 */
export function* findHeadlines(text: string): Generator<Headline> {
  const finder = new RegExp(anyHead, 'g');
  let line = 1;
  let lineStart = 0;
  let lineEnd = endOfLine(text, 0);
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
    const interleaved = !transport.test(before);
    const found = ruleFor(hit[0], message, interleaved);
    if (!found) continue;
    yield { ...found, line, lineStart, lineEnd, before, interleaved };
    // One line announces one event, unless it's a line of garbage without end.
    finder.lastIndex = Math.min(lineEnd, hit.index + lineLimit);
  }
}

function endOfLine(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  return newline === -1 ? text.length : newline;
}

function ruleFor(head: string, message: string, interleaved: boolean) {
  for (const rule of rulesByHead.get(head) ?? []) {
    if (interleaved && !rule.anywhere) continue;
    rule.pattern.lastIndex = 0;
    const match = rule.pattern.exec(message);
    if (match) return { rule, match };
  }
  return undefined;
}

const rulesByHead = new Map<string, Rule[]>();
for (const rule of rules) rulesByHead.set(rule.head, [...(rulesByHead.get(rule.head) ?? []), rule]);

const anyHead = [...rulesByHead.keys()]
  .sort((one, other) => other.length - one.length)
  .map((head) => head.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  .join('|');

/**
 * What may stand before a headline without being somebody else's text: up to the last stamp, then the kernel's own
 * prefixes. The words before "invoked oom-killer" and a kmem_cache's headline are the kernel's too.
 */
const escapeSequences = String.raw`(?:\u001b\[[0-9;]{0,16}m)*`;
const ornament = String.raw`(?:\[ |={3,} ?|\*{3,} ?|-{3,} ?)?`;
const speaker = String.raw`(?:(?:NMI )?watchdog: |rcu: |traps: |usercopy: |[\w.-]{1,32}[: ] ?(?:CPU ?\d+: ?))?(?:CPU ?\d+: ?)?(?:BUG: )?`;
const transport = new RegExp(
  String.raw`(?:^|\] ?|<\d{1,3}>|\bkernel: |\*\* ?)\r?${escapeSequences}\s*${ornament}${speaker}$`,
);
