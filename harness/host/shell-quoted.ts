/** Words as a POSIX shell reads them back. */
export const shellQuoted = (words: readonly string[]): string =>
  words
    .map((word) => (/^[A-Za-z0-9_./:=,+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
