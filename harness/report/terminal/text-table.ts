import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** A cell of a table: what is measured for its width, and how it is written. */
export interface TextCell {
  readonly text: string;
  readonly paint?: ((text: string) => string) | undefined;
}

/** Columns aligned left, two spaces apart; the first row is the heading, with a rule below it. */
export function textTable(rows: readonly (readonly TextCell[])[]): string[] {
  const widths = columnWidths(rows);
  const lines = rows.map((row) =>
    row
      .map(
        ({ text, paint = plain }, column) =>
          `${paint(text)}${' '.repeat((widths[column] ?? 0) - stringWidth(text))}`,
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
      widths[column] = Math.max(widths[column] ?? 0, stringWidth(text));
    }
  }
  return widths;
}

/** Words into lines of at most `width` columns (20 at least); a word that is longer is cut. */
export function wrap(text: string, width: number, indent = ''): string[] {
  const words = text.trim().replace(/\s+/g, ' ');
  if (words === '') return [];
  const lines = wrapAnsi(words, Math.max(20, width - indent.length), { hard: true }).split('\n');
  return lines.map((line) => indent + line);
}
