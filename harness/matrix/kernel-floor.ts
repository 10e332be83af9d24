/** The document under test advises against every kernel before 2.6.32, so the matrix refuses older ones. */
const floor = [2, 6, 32] as const;

/** Is this kernel line (2.6.31, 3.2) older than the floor? */
export function isBelowFloor(line: string): boolean {
  const numbers = line.split('.').map(Number);
  for (const [at, least] of floor.entries()) {
    const number = numbers[at] ?? 0;
    if (number !== least) return number < least;
  }
  return false;
}
