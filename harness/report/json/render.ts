/**
 * A summary or a comparison as one JSON document, safe to print: JSON itself escapes only the controls below U+0020, here DEL, the C1
 * controls, bidirectional overrides and line separators are escapes too. It parses to the same.
 */
export const renderJson = (summary: object): string =>
  `${JSON.stringify(summary, null, 2).replace(unprintable, escaped)}\n`;

const unprintable = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A character beyond U+FFFF is two escapes (RFC 8259, 7). */
const escaped = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
