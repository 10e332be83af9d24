import cliTruncate from 'cli-truncate';

/**
 * Text for a stream: on a terminal each line is cut to its columns, with an ellipsis, so that one line stays one;
 * elsewhere it stays whole, for grep and logs.
 */
export function fitLines(
  text: string,
  { isTTY, columns }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>,
): string {
  // 0 where the terminal doesn't know its own width
  if (isTTY !== true || !(columns > 0)) return text;
  // a tab would be counted as nothing and drawn as eight
  const lines = text.replaceAll('\t', ' ').split('\n');
  return lines.map((line) => cliTruncate(line, columns)).join('\n');
}
