import { partsOfCellId, rowNames } from '../../matrix/cell-id.js';
import type { StoredAttempt } from '../../results/attempt-schema.js';
import { countOf } from '../attribute.js';
import type { Experiment } from '../bugs.js';

/** Attempts of a comparison that its own control arms vouch for, and what is left out and why. */
export interface Vouched {
  readonly attempts: readonly StoredAttempt[];
  /** Clauses: docker-2013 on vanilla-3.4: … */
  readonly leftOut: readonly string[];
}

/**
 * A comparison brings no controls of the matrix. On each kernel, and in each setting, it is worth what its own control arm says:
 * one that failed shows that something else is at work, and without one nothing is known.
 */
export function ownControls(attempts: readonly StoredAttempt[], experiments: readonly Experiment[]): Vouched {
  const settings = [...new Set(attempts.map(({ key }) => settingOf(key.cell)))];
  const kept: StoredAttempt[] = [];
  const leftOut = new Map<string, string[]>();
  for (const setting of settings) {
    const mine = attempts.filter(({ key }) => settingOf(key.cell) === setting);
    for (const { workload, control } of experiments) {
      const of = (name: string): StoredAttempt[] =>
        mine.filter(({ key }) => partsOfCellId(key.cell).workload === name);
      const [provoked, controls] = [of(workload), of(control)];
      if (provoked.every(({ outcome }) => outcome === 'unavailable')) continue;
      const { failing, of: telling } = countOf(controls, null);
      if (telling > 0 && failing === 0) {
        kept.push(...provoked, ...controls);
        continue;
      }
      const why = telling === 0 ? 'no control arm was run' : 'the control arm failed';
      const clause = `${workload}, ${why}`;
      leftOut.set(clause, [...(leftOut.get(clause) ?? []), setting]);
    }
  }
  return {
    attempts: kept,
    leftOut: [...leftOut].map(([clause, where]) => `${clause}: ${where.join(', ')}`),
  };
}

/** vanilla-3.4, or vanilla-3.4 (aufs, poisoned) where it isn't as usual. */
function settingOf(cell: string): string {
  const { kernel, rows } = partsOfCellId(cell);
  const unusual = rowNames(rows);
  return unusual.length === 0 ? kernel : `${kernel} (${unusual.join(', ')})`;
}
