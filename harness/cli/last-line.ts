/**
 * Takes a console in pieces, and gives the last line that each of them ended, if it has words. Of a console without newlines the
 * end alone is kept.
 */
export function lastLine(): (chunk: string) => string | undefined {
  let begun = '';
  return (chunk) => {
    const lines = `${begun}${chunk.replaceAll('\r', '')}`.split('\n');
    begun = (lines.pop() ?? '').slice(-longest);
    return lines.findLast((line) => line.trim() !== '')?.slice(-longest);
  };
}

/** Characters: more than any terminal shows. */
const longest = 4096;
