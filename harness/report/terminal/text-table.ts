/** A cell of a table: what is measured for its width, and how it is written. */
export interface TextCell {
  readonly text: string;
  readonly paint?: ((text: string) => string) | undefined;
}

/** Width in code points: what kernels print is ASCII, and everything else has been escaped or is ours. */
export const widthOf = (text: string): number => [...text].length;

/** Columns aligned left, two spaces apart; the first row is the heading, with a rule below it. */
export function textTable(rows: readonly (readonly TextCell[])[]): string[] {
  const widths = columnWidths(rows);
  const lines = rows.map((row) =>
    row
      .map(
        ({ text, paint = plain }, column) =>
          `${paint(text)}${' '.repeat((widths[column] ?? 0) - widthOf(text))}`,
      )
      .join('  ')
      .trimEnd(),
  );
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [...lines.slice(0, 1), rule, ...lines.slice(1)];
}

const plain = (text: string): string => text;

/** Characters that a table of these rows takes across. */
export const tableWidth = (rows: readonly (readonly TextCell[])[]): number =>
  columnWidths(rows).reduce((sum, width) => sum + width + 2, -2);

function columnWidths(rows: readonly (readonly TextCell[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, { text }] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, widthOf(text));
    }
  }
  return widths;
}

/** Words into lines of at most `width`; a word that is longer is cut. */
export function wrap(text: string, width: number, indent = ''): string[] {
  const room = Math.max(20, width - indent.length);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).flatMap((one) => pieces(one, room))) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > room) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, indent + line];
}

function pieces(word: string, width: number): string[] {
  const points = [...word];
  const parts: string[] = [];
  for (let at = 0; at < points.length; at += width) parts.push(points.slice(at, at + width).join(''));
  return parts;
}
