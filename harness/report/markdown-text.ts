import { printable } from '../host/printable.js';

/**
 * Guest text for running Markdown and for a table's cell: no markup, link, mention, HTML or column can come out of it.
 * Character references are used since CommonMark never takes them for structure, whereas what a backslash before a pipe
 * means differs between readers of GitHub's tables.
 */
export const markdownText = (text: string, limit = 200): string =>
  printable(text.replace(/\s+/g, ' ').trim(), limit).replace(special, (character) =>
    // GitHub looks for mentions after references are decoded; a zero-width space parts the two
    character === '@' ? '&#64;&#8203;' : `&#${character.codePointAt(0)};`,
  );

const special = /[\\`*_[\]<>|&~$#@:!^]/g;

/** Guest text as a block of code that it can't close. */
export function codeBlock(lines: readonly string[]): string[] {
  const longest = Math.max(
    2,
    ...lines.map((line) => Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length))),
  );
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, ...lines.map((line) => printable(line, 400).replaceAll('\n', ' ')), fence];
}
