import { knownIssueOf } from '../../diagnosis/known-issues.js';
import type { Report } from '../../diagnosis/types.js';

/**
 * What tells that a report came again, for a script that has no classifier: lists of functions, one of which must appear
 * whole in the text of the report. The report's own signature is one; its known issue's rules are the others, since who
 * trips over a freed mount on a stock kernel is chance. Empty where nothing tells it: then no report counts as it.
 */
export function expectedFrames(report: Report | null): string[][] {
  if (report === null || report.function === '') return [];
  const own = report.signature.slice(report.signature.indexOf(':') + 1).split('<');
  const issue = knownIssueOf(report.knownIssue);
  const ofIssue = (issue?.match ?? [])
    .filter(({ allOf, anyOf }) => allOf.length + anyOf.length > 0)
    .flatMap(({ allOf, anyOf }) => (anyOf.length === 0 ? [allOf] : anyOf.map((one) => [...allOf, one])));
  // a guest chose the names: only those that the script can search for
  return [own, ...ofIssue].filter((names) => names.every((name) => /^[A-Za-z0-9_.$]+$/.test(name)));
}
