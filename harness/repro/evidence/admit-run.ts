import { counted } from '../../host/counted.js';
import type { RunManifest } from '../../results/manifest.js';
import { summarise } from '../../summary/summarise.js';
import { isComparison } from '../profiles.js';

/** Whether a run's attempts count on a page. */
export type Admission =
  | { readonly counts: 'matrix' | 'comparison' }
  | { readonly counts: false; readonly why: string };

/**
 * A matrix run counts where it is whole and its controls held, a comparison where it is whole: what was cut short lacks the
 * attempts that take long, the silent ones. A comparison's controls are its own control arms (ownControls). What ended by what it
 * found, or was made because of what another run found, has no rates.
 *
 * @param bug as bugs.yml names it
 */
export async function admitRun(
  folder: string,
  { selection }: Pick<RunManifest, 'selection'>,
  bug: string,
): Promise<Admission> {
  const isMatrix = selection.cells === undefined;
  if (!isMatrix && !isComparison(selection, bug))
    return not('its cells were chosen by what was found, so that its rates are none');
  const { attempts, controls } = await summarise(folder);
  if (attempts.finished < attempts.planned)
    return not(`interrupted, ${attempts.finished} of ${counted(attempts.planned, 'attempt')} are there`);
  if (isMatrix && !controls.held) return not(controls.verdict);
  return { counts: isMatrix ? 'matrix' : 'comparison' };
}

const not = (why: string): Admission => ({ counts: false, why });
