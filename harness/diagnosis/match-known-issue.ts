import type { KnownIssue } from './known-issues.js';
import { knownIssues } from './known-issues.js';
import type { Report } from './types.js';

/** What of a report a known issue is matched against. */
type Evidence = Pick<Report, 'kind' | 'function' | 'frames' | 'signature' | 'corrupted'>;

/** The id of the first known issue that a report belongs to, or null. Frames of corrupted text prove nothing. */
export function matchKnownIssue(
  report: Evidence,
  issues: readonly KnownIssue[] = knownIssues(),
): string | null {
  if (report.corrupted) return null;
  const reliable = report.frames.filter((frame) => frame.reliable);
  const names = new Set(reliable.map((frame) => frame.function));
  if (report.function !== '') names.add(report.function);
  const modules = new Set(reliable.map((frame) => frame.module));
  const fits = (rule: KnownIssue['match'][number]): boolean =>
    (rule.kinds.length === 0 || rule.kinds.includes(report.kind)) &&
    rule.allOf.every((name) => names.has(name)) &&
    (rule.anyOf.length === 0 || rule.anyOf.some((name) => names.has(name))) &&
    (rule.module === '' || modules.has(rule.module));
  const issue = issues.find(({ match, mustNot }) => match.some(fits) && !mustNot.some(fits));
  return issue?.id ?? null;
}
