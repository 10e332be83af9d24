import { withoutColours } from './console-line.js';

/** Longest prefix that is looked into, and how many lines on either side are asked whether they have it, too. */
const longest = 160;
const neighbours = 12;

/**
 * A prefix that most lines around a headline share is a prefix, whatever it is: a collector's stamp and label, a level,
 * a quotation mark. What stays the same from line to line is its punctuation; words and numbers may differ.
 *
 * @param lineStart where the headline's line begins in the text
 * @param before what stands in that line before the kernel's words
 * @returns matches the prefix at the start of a line; null where the lines around don't have it
 */
export function sharedPrefix(text: string, lineStart: number, before: string): RegExp | null {
  const front = before.includes('\x1b') ? withoutColours(before) : before;
  if (front.length > longest || front.trim() === '') return null;
  const shape = remembered(front);
  return shape && isShared(shape, text, lineStart) ? shape : null;
}

/**
 * The same for a report whose headline's prefix is not that of the lines below (dmesg -H): words that only the body of a
 * report begins a line with show where the prefix ends.
 *
 * @param from where the headline's line begins
 */
export function sharedPrefixOfBody(text: string, from: number): RegExp | null {
  for (const { line, start } of linesFrom(text, from)) {
    const anchor = line.search(bodyWords);
    const found = anchor <= 0 ? null : sharedPrefix(text, start, line.slice(0, anchor));
    if (found) return found;
  }
  return null;
}

const bodyWords =
  /(?:Call Trace:|Backtrace: *$|stack backtrace:|CPU: \d|Pid: \d|Modules linked in:|R?IP: 00|EIP: 00|Hardware name: |Code: [0-9a-f<]|---\[ (?:end trace|cut here)|<TASK>)/;

/**
 * With two marks of punctuation at least and one at its end, any word may stand between them. A poorer one would fit
 * sentences: there, letters must be the same, numbers may differ.
 */
function shapeOf(front: string): RegExp {
  const tokens = front.match(/[A-Za-z0-9_]+|\s+|[^\sA-Za-z0-9_]/g) ?? [];
  const marks = tokens.filter((token) => /^[^\sA-Za-z0-9_]$/.test(token)).length;
  const isRich = marks >= 2 && /[^\sA-Za-z0-9_]\s*$/.test(front);
  const parts = tokens.map((token, index) => {
    if (/^\s/.test(token))
      return index === tokens.length - 1 ? `\\s{0,${token.length}}` : blank(tokens, index);
    if (/^[A-Za-z0-9_]/.test(token))
      return isRich ? '[A-Za-z0-9_]{1,64}' : token.replace(/\d+/g, '\\d{1,20}');
    return `\\u${token.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return new RegExp(`^${parts.join('')}`);
}

/** Collectors write the same before every line, so that few shapes are ever made. Bounded, since lines are guest input. */
const shapes = new Map<string, RegExp>();

function remembered(front: string): RegExp {
  const key = front.replace(/\d+/g, '0');
  const known = shapes.get(key);
  if (known !== undefined) return known;
  if (shapes.size > 1000) shapes.clear();
  const shape = shapeOf(front);
  shapes.set(key, shape);
  return shape;
}

/** Columns are filled up with blanks (`[    1.5]`, `kern  :err   :`); only between two words must there be one. */
const blank = (tokens: readonly string[], index: number): string =>
  /^\w/.test(tokens[index - 1] ?? '') && /^\w/.test(tokens[index + 1] ?? '') ? '\\s{1,32}' : '\\s{0,32}';

function isShared(shape: RegExp, text: string, lineStart: number): boolean {
  const below = countOf(shape, [...linesFrom(text, lineStart)].slice(1));
  if (isMost(below)) return true;
  const above = countOf(shape, [...linesBefore(text, lineStart)]);
  return isMost({ fit: below.fit + above.fit, all: below.all + above.all });
}

interface Count {
  readonly fit: number;
  readonly all: number;
}

const isMost = ({ fit, all }: Count): boolean => fit > 0 && fit * 3 >= all * 2;

/** Of consecutive lines: a report ends somewhere, and what comes then may have another prefix. */
function countOf(shape: RegExp, lines: readonly Line[]): Count {
  let best: Count = { fit: 0, all: 0 };
  let fit = 0;
  for (const [index, { line }] of lines.entries()) {
    if (shape.test(line)) fit += 1;
    const all = index + 1;
    if (all >= Math.min(3, lines.length) && fit * best.all >= best.fit * all) best = { fit, all };
  }
  return best;
}

interface Line {
  readonly line: string;
  readonly start: number;
}

/** Lines with something in them, the one at `from` first; a line of garbage without end is where they stop. */
function* linesFrom(text: string, from: number): Generator<Line> {
  let start = from;
  for (let seen = 0; seen <= neighbours && start < text.length; ) {
    const window = text.slice(start, start + longestLine);
    const newline = window.indexOf('\n');
    if (newline === -1 && window.length === longestLine) return;
    const end = newline === -1 ? window.length : newline;
    const line = plain(window.slice(0, end));
    if (line.trim() !== '') {
      yield { line, start };
      seen += 1;
    }
    start += end + 1;
  }
}

function* linesBefore(text: string, before: number): Generator<Line> {
  let end = before - 1;
  for (let seen = 0; seen < neighbours && end > 0; seen += 1) {
    const from = Math.max(0, end - longestLine);
    const window = text.slice(from, end);
    const newline = window.lastIndexOf('\n');
    if (newline === -1 && from > 0) return;
    const start = from + newline + 1;
    const line = plain(window.slice(newline + 1));
    if (line.trim() !== '') yield { line, start };
    end = start - 1;
  }
}

const longestLine = 4096;

const plain = (line: string): string => {
  const front = line.slice(0, 2 * longest);
  return front.includes('\x1b') ? withoutColours(front) : front;
};
