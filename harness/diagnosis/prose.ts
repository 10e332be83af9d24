import type { Rule } from './rules/rule.js';

/**
 * An opened quotation mark, of either sort, up to what stands in it. A stamp after the mark ends it, unless the stamp
 * is what is quoted: the mark was user space's, which left its line unfinished. POSIX has the same syntax (fatal-words.ts).
 */
export const openQuotation = '^[^"`]*(["`][^"`]*["`][^"`]*)*["`](\\[[^"`]*|[^]"`]*)';

const inQuotation = new RegExp(`${openQuotation.replace('[^]', '[^\\]')}$`);

/**
 * A headline that somebody quotes in a sentence is none.
 *
 * @param before the line's text before the headline
 */
export const isQuotation = (before: string, message: string): boolean =>
  inQuotation.test(before) ||
  (/['\u2018\u201c\u0098\u009c(]$/.test(before) && /['\u2019\u201d\u0099\u009d)]/.test(message));

/**
 * Whether a sentence goes on after words that no kernel goes on after like that. Only for headlines in the middle of a
 * line, and not for a panic, whose reason is prose.
 *
 * @param rest the line's text after what the rule matched
 */
export const isProse = (rule: Rule, rest: string): boolean =>
  rule.family !== 'panic' && rule.family !== 'oom' && threeWords.test(rest);

const threeWords = /^[^\n]{0,60}?(?:^|[\s,.;])[a-z]{2,15},? [a-z]{1,15},? [a-z]{1,15}\b(?![:=(])/;
