/** Kernel lines in the order of their numbers, for sort(): 2.6.38, 3.2, 3.10. Below zero where `a` is older. */
export const compareLines = (a: string, b: string): number => numeric.compare(a, b);

/** Made once: localeCompare() makes one at each call, which costs microseconds. */
const numeric = new Intl.Collator('en', { numeric: true });
