import { counted } from '../host/counted.js';
import { missingUserlands } from './missing-userlands.js';
import type { RunSummary } from './types.js';

/** The first words of every rendering: whether this run says anything at all, then what ran, and what could not. */
export function headline({ controls, attempts, cells, kernels }: RunSummary): string {
  const { finished, planned, unexpected, damaged } = attempts;
  const { held, verdict: words, cells: all } = controls;
  const verdict = held
    ? `controls held (${all.length} of ${all.length})`
    : `no verdict: ${words.split(':')[0]}`;
  const missing = new Set(kernels.flatMap(({ id, unavailable }) => (unavailable === null ? [] : [id])));
  const skipped = [...cells, ...all].filter(({ outcome }) => outcome === 'unavailable');
  const attemptsOf = (some: typeof skipped): number => some.reduce((sum, cell) => sum + cell.finished, 0);
  const unavailable = attemptsOf(skipped);
  const withoutKernel = attemptsOf(skipped.filter(({ kernel }) => missing.has(kernel)));
  const lacking = skipped.filter(({ kernel }) => !missing.has(kernel));
  const withoutUserland = attemptsOf(lacking.filter((cell) => missingUserlands([cell]).length > 0));
  const others = unavailable - withoutKernel - withoutUserland;
  const could = unavailable === 0 ? '' : ' that could run';
  const parts = [
    verdict,
    `${finished - unavailable} of ${counted(planned - unavailable, 'attempt')}${could} finished, ${unexpected} unexpected` +
      (damaged > 0 ? `, ${counted(damaged, 'damaged line')} left out` : ''),
  ];
  if (withoutKernel > 0)
    parts.push(`${counted(withoutKernel, 'attempt')} skipped for want of ${counted(missing.size, 'kernel')}`);
  if (withoutUserland > 0)
    parts.push(
      `${counted(withoutUserland, 'attempt')} skipped for want of ${counted(missingUserlands(lacking).length, 'userland')}`,
    );
  if (others > 0)
    parts.push(
      `${counted(others, 'attempt')} skipped for ${others < unavailable ? 'other reasons' : 'the reasons below'}`,
    );
  return parts.join('; ');
}
