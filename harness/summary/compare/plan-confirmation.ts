import { attemptsNeeded } from './differences.js';
import type { Change, Comparison } from './types.js';

/** What a confirmation runs, of both runs alike. */
export interface ConfirmationPlan {
  readonly cells: readonly PlannedCell[];
  /** Ids of changed cells that would take more attempts than anybody waits for. */
  readonly leftOut: readonly string[];
}

export interface PlannedCell {
  readonly id: string;
  /** Of each run. */
  readonly attempts: number;
  /** What these attempts are to decide. */
  readonly changes: readonly PlannedChange[];
}

export type PlannedChange = Pick<Change, 'kind' | 'name'>;

/**
 * The cells whose changes the two runs leave open, with the attempts that would decide them.
 *
 * @param attempts in place of those
 */
export function planConfirmation({ cells }: Comparison, attempts?: number): ConfirmationPlan {
  const open = cells
    .map(({ id, changes }) => ({ id, changes, needed: attemptsNeeded(changes) }))
    .filter(({ needed }) => needed !== 0);
  return {
    cells: open.flatMap(({ id, changes, needed }) => {
      const planned = attempts ?? needed;
      const asked = changes.filter((change) => change.attempts !== 0);
      return planned === null
        ? []
        : [{ id, attempts: planned, changes: asked.map(({ kind, name }) => ({ kind, name })) }];
    }),
    leftOut: open.filter(({ needed }) => attempts === undefined && needed === null).map(({ id }) => id),
  };
}
