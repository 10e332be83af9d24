import { distance } from 'fastest-levenshtein';

/** The candidate closest to a mistyped name, or undefined where none is close enough to be what was meant. */
export function nearest(name: string, candidates: readonly string[]): string | undefined {
  const plain = name.replace(/[*?]/g, '');
  // a pattern's letters are those of a beginning, as a rule
  const isPattern = plain !== name;
  // somebody who left off the end made no typing error: debian-6.1 is debian-6.1-cloud
  const [shortest] = candidates
    .filter((one) => /^[-._]/.test(restAfter(plain, one)))
    .toSorted((a, b) => a.length - b.length);
  if (!isPattern && plain.length >= 3 && shortest !== undefined) return shortest;
  let best: string | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const like = isPattern ? candidate.slice(0, plain.length) : candidate;
    const edits = distance(plain.toLowerCase(), like.toLowerCase());
    if (edits >= fewest) continue;
    best = candidate;
    fewest = edits;
  }
  // a third of the letters wrong is a typing error, more is another word
  return fewest <= Math.max(2, Math.ceil(plain.length / 3)) ? best : undefined;
}

/** What follows `beginning` in a word; '' where it doesn't begin so. */
const restAfter = (beginning: string, word: string): string =>
  word.toLowerCase().startsWith(beginning.toLowerCase()) ? word.slice(beginning.length) : '';
