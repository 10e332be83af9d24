import type { CellSummary, ControlsSummary } from './types.js';
import { outcomeWord } from './work-done.js';

/** A run's outcomes count only if its known-bad cells were caught, and its known-good ones stayed silent. */
export function controlsVerdict(cells: readonly CellSummary[]): ControlsSummary {
  // a run of cells that were named
  if (cells.length === 0) return { held: false, verdict: 'controls not run', cells };
  const failures = cells.flatMap(failureOf);
  for (const role of ['known-bad', 'known-good'] as const) {
    if (!cells.some((cell) => cell.role === role)) failures.unshift(`no ${role} cell was run`);
  }
  if (failures.length === 0) return { held: true, verdict: 'controls held', cells };
  // an interrupted run has caught nobody asleep: it has not looked yet
  const word = failures.every((failure) => failure.includes(notFinished)) ? 'not finished' : 'failed';
  return { held: false, verdict: `controls ${word}: ${failures.join('; ')}`, cells };
}

function failureOf({
  id,
  finished,
  attempts,
  unexpected,
  outcome,
  work,
  expectation,
}: CellSummary): string[] {
  if (finished < attempts) return [`${id} ${notFinished} (${finished} of ${attempts})`];
  if (unexpected === 0) return [];
  const { outcomes, frame, knownIssue } = expectation;
  const inFrame = frame === undefined ? '' : ` in ${frame}`;
  const attributed =
    knownIssue === undefined ? '' : knownIssue === 'none' ? ' with no known issue' : ` as ${knownIssue}`;
  return [
    `${id} ended in ${outcomeWord(outcome, work)}, not as expected: ${outcomes.join(' or ')}${inFrame}${attributed}`,
  ];
}

const notFinished = 'has not finished';
