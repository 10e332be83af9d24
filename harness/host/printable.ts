/**
 * Text from a guest or a file, made safe for a terminal and for logs: control characters (ECMA-48), bidirectional
 * overrides and zero-width characters appear as escapes, so that nothing a kernel printed can move a cursor or hide.
 *
 * @param limit characters of the text that are shown, an escape counting as the one that it stands for; an ellipsis
 *   replaces what is cut
 */
export function printable(text: string, limit = 4000): string {
  const cut = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return cut.replace(unprintable, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** Unicode's control, format, surrogate and line separator classes, but for tab and newline. */
const unprintable = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
