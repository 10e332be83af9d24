import type { ReportGroup } from './types.js';

/** oops, 3 reports in 2 attempts, decided 2 of them; on vanilla-3.2, vanilla-3.3 */
export function groupText({ kind, reports, attempts, decided, kernels }: ReportGroup): string {
  const weight = decided === 0 ? 'beside the outcome' : `decided ${decided} of ${attempts}`;
  return `${kind}, ${counted(reports, 'report')} in ${counted(attempts, 'attempt')}, ${weight}; on ${kernels.join(', ')}`;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
