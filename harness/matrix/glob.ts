import { UsageError } from '../errors.js';
import { nearest } from './nearest.js';
import type { Patterns } from './types.js';

/** Does this id match any of the patterns? `*` is any text, `?` one character; nothing else is special. */
export function matchesAny(id: string, patterns: Patterns): boolean {
  return patterns.some((pattern) => matches(id, pattern));
}

/**
 * The ids that match, in the order of `ids`.
 *
 * @throws UsageError for a pattern that matches nothing, with the nearest id
 */
export function select(kind: string, ids: readonly string[], patterns: Patterns, where: string): string[] {
  for (const pattern of patterns) {
    if (ids.some((id) => matches(id, pattern))) continue;
    throw new UsageError(`no ${kind} matches '${pattern}'`, { where, remedy: suggestion(pattern, ids) });
  }
  return ids.filter((id) => matchesAny(id, patterns));
}

/** What a reader can do about a name that isn't among the ids. */
export function suggestion(name: string, ids: readonly string[]): string {
  const likely = nearest(name, ids);
  if (likely !== undefined) return `did you mean '${likely}'?`;
  const more = ids.length > 10 ? `, and ${ids.length - 10} more` : '';
  return ids.length === 0 ? 'none is defined' : `known: ${ids.slice(0, 10).join(', ')}${more}`;
}

/**
 * Two pointers with one point to return to, so that no pattern takes more than pattern × id steps; a regular
 * expression made from `*a*a*a*b` would backtrack without end.
 */
function matches(id: string, pattern: string): boolean {
  let at = 0;
  let inPattern = 0;
  let star = -1;
  let retryAt = 0;
  while (at < id.length) {
    const wanted = pattern[inPattern];
    if (wanted === '*') {
      star = inPattern++;
      retryAt = at;
    } else if (wanted === '?' || wanted === id[at]) {
      inPattern++;
      at++;
    } else if (star >= 0) {
      inPattern = star + 1;
      at = ++retryAt;
    } else {
      return false;
    }
  }
  while (pattern[inPattern] === '*') inPattern++;
  return inPattern === pattern.length;
}
