import type { Attempt } from '../attempt/types.js';
import type { Cell } from '../matrix/types.js';
import type { RunParts, Work } from '../schedule/run-matrix.js';

/** The attempt whose machine a KVM has to bring to READY before it is trusted with a run. */
export interface OnTrial {
  readonly attempt: Attempt;
  /** Whether its kernel is a known-good control's: where that boots nowhere, it is the host. */
  readonly isKnownGood: boolean;
  /** Whether the attempt is the run's to make, and counts; of another only the boot is tried. */
  readonly isRecorded: boolean;
}

/**
 * A known-good control's attempt that is left to run; else, where a run is resumed, the machine of one that is finished; else, in a
 * run without controls, that of the first attempt. The first that there is an image for; undefined where there is none at all.
 */
export async function kvmTrial(
  { cells, keys }: Work,
  { prepare }: Pick<RunParts, 'prepare'>,
  signal: AbortSignal,
): Promise<OnTrial | undefined> {
  const controls = [...cells.values()].filter(({ role }) => role === 'known-good');
  const left = keys.flatMap((key) => {
    const cell = cells.get(key.cell);
    return cell === undefined ? [] : [{ key, cell }];
  });
  if (left.length === 0) return undefined;
  const candidates = [
    ...left
      .filter(({ cell }) => controls.includes(cell))
      .map((one) => ({ ...one, isKnownGood: true, isRecorded: true })),
    ...controls.map((cell) => ({ ...firstOf(cell), isKnownGood: true, isRecorded: false })),
    ...left.map((one) => ({ ...one, isKnownGood: false, isRecorded: false })),
  ];
  const without = new Set<string>();
  for (const { key, cell, isKnownGood, isRecorded } of candidates) {
    if (without.has(cell.id)) continue;
    const made = await prepare(cell, signal);
    if (!('unavailable' in made)) return { attempt: { key, cell, ...made }, isKnownGood, isRecorded };
    without.add(cell.id);
  }
  return undefined;
}

/** Only its machine matters. */
const firstOf = (cell: Cell): Pick<Attempt, 'key' | 'cell'> => ({
  key: { cell: cell.id, index: 0, seed: 0 },
  cell,
});
