/** Kernel lines in the order of their numbers, for sort(): 2.6.38, 3.2, 3.10. Below zero where `a` is older. */
export const compareLines = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });
