import { compareLines } from '../versions/kernel-lines.js';
import { type KnownIssue, knownIssues } from './known-issues.js';
import type { Report } from './types.js';

/** What of a report a known issue is matched against. */
type Evidence = Pick<Report, 'kind' | 'function' | 'frames' | 'signature' | 'corrupted'>;

/**
 * The id of the first known issue that a report belongs to, or null. Frames of corrupted text prove nothing.
 *
 * @param version of the kernel that reported, 3.7.2; '' where the text names none. Asked for only where it matters
 */
export function matchKnownIssue(
  report: Evidence,
  version: () => string = () => '',
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
  const issue = issues.find(
    (one) => one.match.some(fits) && !one.mustNot.some(fits) && isInRange(version, one.versions),
  );
  return issue?.id ?? null;
}

function isInRange(version: () => string, range: KnownIssue['versions']): boolean {
  if (range === undefined) return true;
  const own = version();
  return own === '' || (compareLines(own, range.from) >= 0 && compareLines(own, range.before) < 0);
}
