import type { Rule } from './rules/rule.js';

/**
 * A headline that somebody quotes in a sentence is none: a line that looks like this up to the headline and has another
 * mark after it, or has {@link bracketed} around it. Both sorts of marks count alike. A stamp after the mark ends the
 * quotation, unless the stamp is what is quoted: the mark was user space's, which left its line unfinished. A mark that
 * no blank stands before is none either, but a field of a log (`"log":"…"`). run.sh uses the same, in POSIX's syntax.
 */
export const openQuotation = '^([^"`]*["`][^"`]*["`])*([^"`]*[\\s(])?["`](\\[[^"`]*|[^\\]"`]*)';

/** What stands directly around a quoted headline, where it is no mark of those. */
export const bracketed = { before: "['(]", after: ".*[')]" } as const;

const inQuotation = new RegExp(`${openQuotation}$`);
const opened = new RegExp(`(?:${bracketed.before}|[\u2018\u201c\u0098\u009c])$`);
const closed = new RegExp(`${bracketed.after}|[\u2019\u201d\u0099\u009d]`);

/** @param before the line's text before the headline */
export const isQuotation = (before: string, message: string): boolean =>
  (inQuotation.test(before) && /["`]/.test(message)) || (opened.test(before) && closed.test(message));

/**
 * Whether a sentence goes on after words that no kernel goes on after like that. Only for headlines in the middle of a
 * line, and not for a panic, whose reason is prose.
 *
 * @param rest the line's text after what the rule matched
 */
export const isProse = (rule: Rule, rest: string): boolean =>
  rule.family !== 'panic' && rule.family !== 'oom' && !address.test(rest) && threeWords.test(rest);

/** "at virtual address 00000018", "in virtual kernel address space". */
const address = /^ (?:at|in|for) (?:virtual|kernel|data|instruction|user)\b/;

const threeWords = /^[^\n]{0,60}?(?:^|[\s,.;])[a-z]{2,15},? [a-z]{1,15},? [a-z]{1,15}\b(?![:=(])/;
