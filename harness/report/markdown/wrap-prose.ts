import wrapAnsi from 'wrap-ansi';

/** Columns of prose in Markdown; tables, code and addresses may be longer. */
export const proseWidth = 120;

/**
 * Wraps the paragraphs and list items of a Markdown text; headings, tables, code and comments stay as they are. What is
 * wrapped already comes out the same.
 */
export function wrapProse(text: string): string {
  const out: string[] = [];
  let block: Block | undefined;
  let isFenced = false;
  const flush = (): void => {
    if (block) out.push(...wrapped(block));
    block = undefined;
  };
  for (const line of text.split('\n')) {
    if (line.startsWith('```')) isFenced = !isFenced;
    const item = /^( *)([-*]|\d+\.) +(?=\S)/.exec(line);
    if (isFenced || isVerbatim(line, block)) {
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

/** Indented by four it is code, unless an item goes on; `{{…}}` is a place in a page (docs/repro.md). */
const isVerbatim = (line: string, block: Block | undefined): boolean =>
  /^(#|\||<!--|```|\{\{|\s*$)/.test(line) ||
  (/^ {4}/.test(line) && (block === undefined || block.first === ''));

function wrapped({ first, words }: Block): string[] {
  const indent = ' '.repeat(first.length);
  let width = proseWidth - first.length;
  let lines = wrapAnsi(words.join(' '), width).split('\n');
  // a line that begins like an item, a heading or a row would become one
  while (lines.slice(1).some((line) => /^([-*+#>|]|\d+[.)])/.test(line)) && width > proseWidth / 2)
    lines = wrapAnsi(words.join(' '), --width).split('\n');
  return lines.map((line, at) => (at === 0 ? first : indent) + line);
}
