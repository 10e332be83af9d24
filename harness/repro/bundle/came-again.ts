import type { Report } from '../../diagnosis/types.js';

/**
 * Whether an expected report is among others: by its signature, or by its known issue, since who trips over a freed mount is
 * chance. Where nothing was expected, nothing came again: a machine that fell silent isn't shown by one that oopses.
 */
export const cameAgain = (
  expected: Pick<Report, 'signature' | 'knownIssue'> | null,
  reports: readonly Report[],
): boolean =>
  expected !== null &&
  reports.some(
    ({ signature, knownIssue }) =>
      signature === expected.signature || (knownIssue !== null && knownIssue === expected.knownIssue),
  );
