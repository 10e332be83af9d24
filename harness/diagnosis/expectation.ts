import type { Cell } from '../matrix/types.js';
import type { Diagnosis } from './types.js';

/**
 * Did an attempt of this cell end as expected? Decides the exit code and the marks in the table.
 *
 * A kernel that can't be had fails nothing in the matrix (its row says why), but a control that never ran proves
 * nothing; our own failure is never expected.
 */
export function expectedOutcome(
  { role, expectation, unsupported }: Pick<Cell, 'role' | 'expectation' | 'unsupported'>,
  { outcome, reports, decisive }: Pick<Diagnosis, 'outcome' | 'reports' | 'decisive'>,
): boolean {
  if (outcome === 'harness-error') return false;
  // nobody tried what matrix.yml says can't be
  if (outcome === 'unavailable' || unsupported !== undefined) return role === 'matrix';
  if (!expectation.outcomes.includes(outcome)) return false;
  const report = decisive === null ? reports[0] : reports[decisive];
  const { frame, knownIssue } = expectation;
  if (frame !== undefined) {
    // what a torn or interleaved text names proves nothing
    if (report === undefined || report.corrupted) return false;
    if (report.function !== frame && !report.frames.some(isFrame(frame))) return false;
  }
  if (knownIssue === undefined) return true;
  return knownIssue === 'none'
    ? reports.every((one) => one.knownIssue === null)
    : reports.some((one) => one.knownIssue === knownIssue);
}

const isFrame =
  (name: string) =>
  (frame: { readonly function: string; readonly reliable: boolean }): boolean =>
    frame.reliable && frame.function === name;
