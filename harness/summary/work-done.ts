import type { AttemptResult } from '../attempt/types.js';
import { isConclusive, isFailure } from './severity.js';

/**
 * How much of what was asked for was done, in the attempts in which nothing failed: one that failed has shown what it was to
 * show. An attempt that hit its time limit did less than the others, and what it might have met afterwards isn't known.
 */
export interface WorkDone {
  /** Iterations, of all these attempts together. */
  readonly asked: number;
  readonly done: number;
  /** Attempts among them that hit their limit (right-censored). */
  readonly censored: number;
}

export type Worked = Pick<AttemptResult, 'outcome' | 'iterations' | 'iterationsAsked' | 'censored'>;

/** Counts attempts as they are read. */
export class WorkTally {
  #asked = 0;
  #done = 0;
  #censored = 0;

  add({ outcome, iterations, iterationsAsked, censored }: Worked): void {
    if (iterationsAsked === null || !isConclusive(outcome) || isFailure(outcome)) return;
    this.#asked += iterationsAsked;
    // a workload may begin one more before it counts
    this.#done += Math.min(iterations, iterationsAsked);
    if (censored) this.#censored += 1;
  }

  /** Null where nothing is known: no such attempt, or none that says what it was asked for. */
  summary(): WorkDone | null {
    const [asked, done, censored] = [this.#asked, this.#done, this.#censored];
    return asked === 0 ? null : { asked, done, censored };
  }
}

export function workDone(attempts: Iterable<Worked>): WorkDone | null {
  const tally = new WorkTally();
  for (const attempt of attempts) tally.add(attempt);
  return tally.summary();
}

/** Of several that are one to a reader. */
export const workTogether = (works: readonly (WorkDone | null)[]): WorkDone | null =>
  works.reduce((all, one) => {
    if (all === null || one === null) return all ?? one;
    return { asked: all.asked + one.asked, done: all.done + one.done, censored: all.censored + one.censored };
  }, null);

/** Did it so little that calling it stable needs a mark? */
export const isShort = (work: WorkDone | null): boolean => work !== null && work.done < enough * work.asked;

/** The share of the work that a cell must have done to be called stable as it stands. */
const enough = 0.8;

/** stable? where the work behind it was short. */
export const outcomeWord = (outcome: string, work: WorkDone | null): string =>
  outcome === 'stable' && isShort(work) ? 'stable?' : outcome;

/** 41 % done; '' where all was, or nobody knows */
export function workText(work: WorkDone | null): string {
  if (work === null || work.done >= work.asked) return '';
  const percent = Math.floor((100 * work.done) / work.asked);
  return `${percent === 0 && work.done > 0 ? '<1' : percent} % done`;
}
