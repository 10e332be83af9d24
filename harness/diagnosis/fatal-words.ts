import { anyOf, headlineFinder } from './headline-finder.js';
import { rules } from './rules/all-rules.js';

/** The rules whose reports end an attempt. What watches a console while it grows takes its words from these alone. */
export const fatalRules = rules.filter(({ fatal }) => fatal !== undefined);

/** The literals that a text must hold for any of them: one search tells most texts from those worth reading. */
export const fatalHeads: readonly string[] = [...new Set(fatalRules.map(({ head }) => head))];

/** `panic` outranks `oops`: a machine that panicked will not come back. */
export type Fatal = 'none' | 'oops' | 'panic';

/**
 * What of the worst a text announces, by the classifier's own rules and with its exceptions: a program that crashed in
 * user space and a headline in quotation marks are nothing.
 */
export function fatalIn(text: string): Fatal {
  if (!anyHead.test(text)) return 'none';
  let seen: Fatal = 'none';
  for (const { rule } of find(text)) {
    if (rule.fatal === 'panic') return 'panic';
    seen = 'oops';
  }
  return seen;
}

const find = headlineFinder(fatalRules);
const anyHead = new RegExp(anyOf(fatalHeads));
