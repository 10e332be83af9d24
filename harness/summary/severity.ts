import type { Outcome } from '../matrix/types.js';

/** Worst first. What says nothing about the kernel comes after everything that does. */
export const worstFirst: readonly Outcome[] = [
  'panic',
  'lockup',
  'freeze',
  'oops',
  'operation-killed',
  'operation-failed',
  'stable',
  'unsupported',
  'unavailable',
  'harness-error',
];

/** Is `one` worse than `other`, for the single word that a cell shows? */
export const isWorse = (one: Outcome, other: Outcome): boolean =>
  worstFirst.indexOf(one) < worstFirst.indexOf(other);

/** Did the kernel, or the operation in the container, fail? */
export function isFailure(outcome: Outcome): boolean {
  switch (outcome) {
    case 'panic':
    case 'lockup':
    case 'freeze':
    case 'oops':
    case 'operation-killed':
    case 'operation-failed':
      return true;
    case 'stable':
    case 'unsupported':
    case 'unavailable':
    case 'harness-error':
      return false;
    default:
      return outcome satisfies never;
  }
}

/** Does it count in n? What couldn't run neither passed nor failed. */
export const isConclusive = (outcome: Outcome): boolean => outcome === 'stable' || isFailure(outcome);
