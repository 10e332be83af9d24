import type { StoredAttempt } from '../results/attempt-schema.js';
import { countOf, isCandidate } from './attribute.js';
import type { ReportsBug } from './bugs.js';

/** What the arm showed on a distribution's own kernel. Signatures are guest text, raw. */
export interface OnOfficial {
  readonly kernel: string;
  readonly flavour: string;
  /** k of n: attempts in which the kernel failed, of those that say anything. */
  readonly failing: number;
  readonly of: number;
  /** Of the reports there, each once. */
  readonly signatures: readonly string[];
  /** Those of them that the arm met on another kind of kernel, too; null where it ran on none. */
  readonly shared: readonly string[] | null;
}

/** What the arm showed on one kernel. */
export interface ArmOnKernel {
  readonly kernel: { readonly id: string; readonly flavour: string };
  readonly attempts: readonly Pick<StoredAttempt, 'outcome' | 'reports' | 'decisive'>[];
}

/** For each official kernel that the arm ran on, whether the same signature came there: the document asks to reproduce with it. */
export function onOfficial(
  { knownIssue, officialFlavours }: Pick<ReportsBug, 'knownIssue' | 'officialFlavours'>,
  arms: readonly ArmOnKernel[],
): OnOfficial[] {
  const isOfficial = ({ kernel }: ArmOnKernel): boolean => officialFlavours.includes(kernel.flavour);
  const ran = arms.filter(({ attempts }) => attempts.some(({ outcome }) => outcome !== 'unavailable'));
  const others = ran.filter((one) => !isOfficial(one));
  const elsewhere = new Set(others.flatMap(({ attempts }) => signaturesOf(attempts, knownIssue)));
  return ran.filter(isOfficial).map(({ kernel: { id, flavour }, attempts }) => {
    const signatures = signaturesOf(attempts, knownIssue);
    return {
      kernel: id,
      flavour,
      ...countOf(attempts, knownIssue),
      signatures,
      shared: others.length === 0 ? null : signatures.filter((one) => elsewhere.has(one)),
    };
  });
}

/** Of the report that stands for each failed attempt: the issue's own where there is one, as in a finding. */
function signaturesOf(attempts: ArmOnKernel['attempts'], knownIssue: string): string[] {
  const found = attempts
    .filter((one) => isCandidate(one, knownIssue))
    .map(
      ({ reports, decisive }) =>
        reports.find((report) => report.knownIssue === knownIssue) ?? reports[decisive ?? -1],
    );
  return [...new Set(found.flatMap((report) => (report === undefined ? [] : [report.signature])))];
}
