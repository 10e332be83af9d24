import { printable } from '../../host/printable.js';

/** Sources: vanilla-3.2 unchecked; debian-6.1-cloud signed.   Each kernel once, of which anything is known. */
export function sourcesLines(
  kernels: readonly { readonly kernel: string; readonly purity: string | null }[],
): string[] {
  const known = new Map(
    kernels.flatMap(({ kernel, purity }) => (purity === null ? [] : [[kernel, purity] as const])),
  );
  if (known.size === 0) return [];
  return [`Sources: ${[...known].map(([kernel, purity]) => `${kernel} ${printable(purity)}`).join('; ')}.`];
}
