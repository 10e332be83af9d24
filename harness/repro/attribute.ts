import type { AttemptResult } from '../attempt/types.js';
import { fisherOneSided } from '../statistics/fisher.js';
import { type Count, reaches } from '../statistics/rates.js';

/** What of an attempt says whether a bug was met. */
export type AttemptEnding = Pick<AttemptResult, 'outcome' | 'reports'>;

/** Whether what an arm showed is the bug, and how that is known. */
export type Attribution =
  | { readonly how: 'by frames'; readonly arm: Count; readonly control: Count | null }
  | {
      readonly how: 'by comparison';
      readonly arm: Count;
      readonly control: Count;
      /** Of a difference as large as this by chance, both arms being alike (Fisher, one-sided). */
      readonly probability: number;
    }
  | {
      readonly how: 'not attributed';
      readonly arm: Count;
      readonly control: Count | null;
      readonly why: string;
    }
  | { readonly how: 'no report'; readonly arm: Count; readonly control: Count | null };

/**
 * Frames that name the path settle it. Freed memory that others got makes innocent victims, whose frames say nothing: then
 * the arm is held against its control, which differs in the cause alone. The control must be silent: one whose kernel fails
 * too, by whatever, shows that something else is at work beside the cause.
 *
 * @param control attempts of the control arm; null where it was not run
 */
export function attribute(
  knownIssue: string,
  arm: readonly AttemptEnding[],
  control: readonly AttemptEnding[] | null,
): Attribution {
  const count = countOf(arm, knownIssue);
  const controls = control === null ? null : countOf(control, null);
  if (arm.some((seen) => isNamed(seen, knownIssue)))
    return { how: 'by frames', arm: count, control: controls };
  if (count.failing === 0) return { how: 'no report', arm: count, control: controls };
  const not = (why: string): Attribution => ({ how: 'not attributed', arm: count, control: controls, why });
  if (controls === null || controls.of === 0)
    return not('its frames match no known path, and no control arm was run');
  if (controls.failing > 0) return not('the control arm failed too');
  const probability = fisherOneSided(count, controls);
  // with five attempts per arm, 4 of 5 against 0 of 5 passes and 3 of 5 does not
  if (reaches(probability)) return { how: 'by comparison', arm: count, control: controls, probability };
  return not('too few attempts to tell the arms apart');
}

/**
 * k of n: attempts in which the kernel failed, of those that say anything. An arm that failed by a known issue of another
 * name says nothing: what would have come without that is not known.
 *
 * @param knownIssue the bug that an arm is after; null for a control, in which any failure of the kernel counts
 */
export function countOf(attempts: readonly AttemptEnding[], knownIssue: string | null): Count {
  const failing = attempts.filter((seen) => isCandidate(seen, knownIssue)).length;
  return { failing, of: failing + attempts.filter(({ outcome }) => isHeld(outcome)).length };
}

/** A report whose frames are those of the issue. */
export const isNamed = ({ reports }: AttemptEnding, knownIssue: string): boolean =>
  reports.some((report) => report.knownIssue === knownIssue);

/** The kernel failed, and not by a bug of another name; null: by whatever. */
export const isCandidate = (seen: AttemptEnding, knownIssue: string | null): boolean =>
  isKernelFailure(seen.outcome) &&
  (knownIssue === null ||
    isNamed(seen, knownIssue) ||
    seen.reports.every((report) => report.knownIssue === null));

export const isReproduced = ({ how }: Attribution): boolean => how === 'by frames' || how === 'by comparison';

const isKernelFailure = (outcome: AttemptEnding['outcome']): boolean =>
  ['oops', 'panic', 'lockup', 'freeze'].includes(outcome);

/** An operation that was killed or failed ran on this kernel, and the kernel itself held. */
const isHeld = (outcome: AttemptEnding['outcome']): boolean =>
  ['stable', 'operation-killed', 'operation-failed'].includes(outcome);
