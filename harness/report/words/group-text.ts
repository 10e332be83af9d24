import { counted } from '../../host/counted.js';
import type { ReportGroup } from '../../summary/types.js';

/**
 * oops, 3 reports in 2 attempts, decided 2 of them, 1 not as expected; on vanilla-3.2, vanilla-3.3
 *
 * @param listed kernels by name, or only how many they are
 */
export function groupText(
  { kind, reports, attempts, decided, unexpected, kernels }: ReportGroup,
  listed: 'names' | 'number' = 'names',
): string {
  const weight = decided === 0 ? 'beside the outcome' : `decided ${decided} of ${attempts}`;
  const expected = unexpected === 0 ? 'as expected' : `${unexpected} not as expected`;
  const on = listed === 'names' || kernels.length <= few ? kernels.join(', ') : `${kernels.length} kernels`;
  return `${kind}, ${counted(reports, 'report')} in ${counted(attempts, 'attempt')}, ${weight}, ${expected}; on ${on}`;
}

/** As many names as need no more room than their number is worth. */
const few = 3;
