import { distance } from 'fastest-levenshtein';

/** The candidate closest to a mistyped name, or undefined where none is close enough to be what was meant. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const plain = name.replace(/[*?]/g, '');
  let best: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const edits = distance(plain.toLowerCase(), candidate.toLowerCase());
    if (edits >= fewest) continue;
    best = candidate;
    fewest = edits;
  }
  // a third of the letters wrong is a typing error, more is another word
  return fewest <= Math.max(2, Math.ceil(plain.length / 3)) ? best : undefined;
}
