import wrapAnsi from 'wrap-ansi';

/** Columns of prose in Markdown; tables, code and addresses may be longer. */
export const proseWidth = 120;

/**
 * Wraps the paragraphs and list items of a Markdown text. Whatever isn't plainly one of them (headings, tables, code, comments, quotes,
 * definitions of links, what is indented by itself, a line that ends in a hard break) stays as it is, as does what is wrapped already.
 */
export function wrapProse(text: string): string {
  const out: string[] = [];
  let block: Block | undefined;
  let until: RegExp | undefined;
  const flush = (): void => {
    if (block) out.push(...wrapped(block));
    block = undefined;
  };
  for (const line of text.split('\n')) {
    const item = /^( *)([-*+]|\d+[.)]) +(?=\S)/.exec(line);
    const isKept =
      until !== undefined || isVerbatim(line) || (block === undefined && /^ /.test(line) && !item);
    until = until === undefined ? endOf(line) : until.test(line) ? undefined : until;
    if (isKept) {
      flush();
      out.push(line);
    } else if (item) {
      flush();
      block = { first: item[0], words: [line.slice(item[0].length)] };
    } else {
      block ??= { first: '', words: [] };
      block.words.push(line.trim());
    }
  }
  flush();
  return out.join('\n');
}

/** A paragraph or an item: what its first line begins with, and its text. */
interface Block {
  readonly first: string;
  readonly words: string[];
}

/** `{{…}}` is a place in a page (docs/repro.md). */
const isVerbatim = (line: string): boolean =>
  /^ *(#|\||<|>|```|~~~|\{\{|\[[^\]]*\]:|$)/.test(line) ||
  /^(=+|-+) *$/.test(line) ||
  /( {2}|\\)$/.test(line);

/** What ends the lines that a fence or a comment begins; undefined where this line begins none, or ends it as well. */
function endOf(line: string): RegExp | undefined {
  const [, fence] = /^ *(```+|~~~+)/.exec(line) ?? [];
  if (fence !== undefined) return new RegExp(`^ *${fence}`);
  return /<!--(?!.*-->)/.test(line) ? /-->/ : undefined;
}

function wrapped({ first, words }: Block): string[] {
  const text = words.join(' ').replaceAll(unbroken, (part) => part.replaceAll(' ', held));
  let width = proseWidth - first.length;
  let lines = wrapAnsi(text, width).split('\n');
  // a line that begins like an item, a heading or a row would become one
  while (lines.slice(1).some((line) => /^([-*+#>|]|\d+[.)])/.test(line)) && width > proseWidth / 2)
    lines = wrapAnsi(text, --width).split('\n');
  const indent = ' '.repeat(first.length);
  return lines.map((line, at) => (at === 0 ? first : indent) + line.replaceAll(held, ' '));
}

/** Code, and a number with its unit. */
const unbroken = /`[^`]+`|\d (%|s|ms|MB|MiB|GiB|KB|kB)(?![A-Za-z])/g;
/** Stands for a space in them; no text has it (private use). */
const held = '\u{e000}';
