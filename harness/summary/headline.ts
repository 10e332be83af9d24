import { counted } from '../host/counted.js';
import type { RunSummary } from './types.js';

/** The first words of every rendering: whether this run says anything at all, then what ran, and what could not. */
export function headline({ controls, attempts, cells, kernels }: RunSummary): string {
  const { finished, planned, unexpected, damaged } = attempts;
  const { held, verdict: words, cells: all } = controls;
  const verdict = held
    ? `controls held (${all.length} of ${all.length})`
    : `no verdict: ${words.split(':')[0]}`;
  const gone = new Set(kernels.flatMap(({ id, unavailable }) => (unavailable === null ? [] : [id])));
  const asked = [...cells, ...all].filter(({ outcome }) => outcome === 'unavailable');
  const count = (some: typeof asked): number => some.reduce((sum, cell) => sum + cell.finished, 0);
  const without = count(asked.filter(({ kernel }) => gone.has(kernel)));
  const unavailable = count(asked);
  const could = planned - unavailable;
  const ran = `${finished - unavailable} of ${counted(could, 'attempt')}${unavailable === 0 ? '' : ` that could run`} finished`;
  const lacking = [
    ...(without === 0
      ? []
      : [`${without} ${without === 1 ? 'has' : 'have'} no kernel here (${counted(gone.size, 'kernel')})`]),
    ...(unavailable === without
      ? []
      : [
          `${unavailable - without} can't run here for ${without === 0 ? 'the reasons below' : 'other reasons'}`,
        ]),
  ];
  const left = damaged > 0 ? `, ${damaged} damaged lines left out` : '';
  return [`${verdict}; ${ran}, ${unexpected} unexpected${left}`, ...lacking].join('; ');
}
