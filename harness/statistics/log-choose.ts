/** log n!, each summed up once. */
const known: number[] = [0];

/** log of n over k; -Infinity where there is no such choice. */
export function logChoose(n: number, k: number): number {
  if (k < 0 || k > n) return Number.NEGATIVE_INFINITY;
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

function logFactorial(n: number): number {
  for (let next = known.length; next <= n; next++) known.push((known[next - 1] ?? 0) + Math.log(next));
  return known[n] ?? 0;
}
