import { fatalHeads, fatalRules } from '../../diagnosis/fatal-words.js';
import { faultOfUser } from '../../diagnosis/headline-finder.js';
import { bracketed, openQuotation } from '../../diagnosis/prose.js';
import { HarnessBug } from '../../errors.js';

/**
 * What run.sh knows a report's first words by: the classifier's rules, as a shell and grep -E understand them.
 *
 * @returns the script with the words in place of their names
 * @throws HarnessBug for a rule that POSIX has no syntax for
 */
export function withFatalPatterns(script: string): string {
  const quoted = (text: string): string => text.replaceAll("'", "'\\''");
  const heads = fatalHeads.map(quoted).join("'* | *'");
  const patterns = fatalRules.map(({ pattern }) => posixPattern(pattern.source)).join('|');
  return script
    .replace('@FATAL_HEADS@', () => heads)
    .replace('@FATAL_WORDS@', () => quoted(patterns))
    .replace('@FAULT_OF_USER@', () => quoted(posixPattern(faultOfUser)))
    .replace('@OPEN_QUOTATION@', () => quoted(posixPattern(openQuotation)))
    .replace('@OPEN_BRACKET@', () => quoted(bracketed.before))
    .replace('@CLOSED_BRACKET@', () => quoted(bracketed.after));
}

/**
 * A regular expression in POSIX's extended syntax. Whether a line matches stays the same; how much of it does may not: a
 * lazy quantifier becomes a greedy one, and what had to follow is taken in. Upper bounds, which only keep the classifier's
 * time linear in lines of megabytes, are dropped: grep would need seconds for them.
 */
export function posixPattern(source: string): string {
  let inClass = false;
  return source.replace(
    /\\([\s\S])|\(\?(?:[:=]|<(?![=!])\w+>)|\(\?|\[(?:\^\\n\])?|\]|\{(\d+),\d+\}\??|([*+?}])\?|[\s\S]/g,
    (piece: string, escaped?: string, least?: string, quantifier?: string) => {
      if (escaped !== undefined) return escapedInPosix(escaped, inClass, source);
      if (inClass) {
        if (piece === ']') inClass = false;
        return piece;
      }
      if (piece === '[^\\n]') return '.';
      if (piece === '[') inClass = true;
      if (piece === '(?') throw new HarnessBug(`POSIX can't look around, in ${source}`);
      if (piece.startsWith('(?')) return '(';
      if (least !== undefined) return least === '0' ? '*' : `{${least},}`;
      return quantifier ?? piece;
    },
  );
}

function escapedInPosix(escaped: string, inClass: boolean, source: string): string {
  const set = sets[escaped];
  if (set !== undefined) return inClass ? set : `[${set}]`;
  if (escaped === 'S' && !inClass) return '[^[:space:]]';
  if (escaped === 'n' && inClass) return '';
  if (/[A-Za-z0-9]/.test(escaped) || (inClass && /[\^-]/.test(escaped)))
    throw new HarnessBug(`POSIX has no \\${escaped}, in ${source}`);
  return inClass || escaped === '/' ? escaped : `\\${escaped}`;
}

const sets: Readonly<Record<string, string>> = { d: '0-9', w: 'A-Za-z0-9_', s: '[:space:]' };
