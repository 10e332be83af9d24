import { printable } from '../../host/printable.js';

/**
 * Guest text for running Markdown and for a table's cell: no markup, link, mention, HTML or column can come out of it, and
 * names of functions, times and versions stay as they are. Only what Markdown takes for markup at its place is written as a
 * character reference: CommonMark never takes these for structure, whereas what a backslash before a pipe means differs
 * between readers of GitHub's tables.
 */
export const markdownText = (text: string, limit = 200): string =>
  printable(text.replace(/\s+/g, ' ').trim(), limit).replace(
    special,
    (character, offset: number, whole: string) =>
      isMarkup(character, whole.slice(0, offset), whole.slice(offset + 1)) ? reference(character) : character,
  );

const special = /[\\`*_[\]<>|&~$#@:.=+)-]/g;

// GitHub looks for mentions and addresses after references are decoded; a zero-width space parts the two
const reference = (character: string): string =>
  character === '@' ? '&#64;&#8203;' : `&#${character.codePointAt(0)};`;

/**
 * By the rules of GitHub Flavored Markdown (github.github.com/gfm), and of what GitHub makes of the result. `before` and
 * `after` are of one line; what stands beyond them is ours.
 */
function isMarkup(character: string, before: string, after: string): boolean {
  const starts = before === '';
  switch (character) {
    case '`':
    case '|':
    case '$':
      return true;
    case '*':
    case '~':
      // with blanks on both sides it can neither open nor close anything
      return starts || after === '' || !(before.endsWith(' ') && after.startsWith(' '));
    case '_':
      // inside a word it can't either
      return !(/[\p{L}\p{N}]_*$/u.test(before) && /^_*[\p{L}\p{N}]/u.test(after));
    case '\\':
      return after === '' || /^[!-/:-@[-`{-~]/.test(after);
    case '&':
      return /^(#|[A-Za-z][A-Za-z0-9]*;)/.test(after);
    case '<':
      return after === '' || /^[A-Za-z/!?]/.test(after);
    case ']':
      // a link, or the definition of one
      return /^[([:]/.test(after);
    case '@':
      return /^[A-Za-z0-9]/.test(after);
    case ':':
      // a scheme, and one of GitHub's emoji; a time's two digits are none
      return /^\/\//.test(after) || (/^[\w+-]+:/.test(after) && !/^\d{1,2}:/.test(after));
    case '.':
      return /(^|[^A-Za-z0-9])www$/i.test(before) || (/^\d{1,9}$/.test(before) && /^( |$)/.test(after));
    case ')':
      return /^\d{1,9}$/.test(before) && /^( |$)/.test(after);
    case '[':
      // a box to tick
      return starts && /^[ xX]\]/.test(after);
    case '>':
      return starts;
    case '#':
      return starts && /^#*( |$)/.test(after);
    default:
      // a list, a rule, or the underline of a heading
      return starts && /^( |$|[-=+])/.test(after);
  }
}

/** Guest text as a block of code that it can't close. */
export function codeBlock(lines: readonly string[]): string[] {
  const longest = Math.max(
    2,
    ...lines.map((line) => Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length))),
  );
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, ...lines.map((line) => printable(line, 400).replaceAll('\n', ' ')), fence];
}
