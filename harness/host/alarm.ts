/**
 * Calls `ring` once after so many milliseconds, however many: Node's own timers ring at once from 2^31 ms (25 days) on, which
 * a day's workload on an emulated CPU exceeds.
 *
 * @returns what cancels it
 */
export function alarm(milliseconds: number, ring: () => void): () => void {
  const end = performance.now() + milliseconds;
  let handle: NodeJS.Timeout;
  const arm = (rest: number): void => {
    handle =
      rest <= longest
        ? setTimeout(ring, Math.max(0, rest))
        : setTimeout(() => arm(end - performance.now()), longest);
  };
  arm(milliseconds);
  return () => clearTimeout(handle);
}

/** Milliseconds; setTimeout takes what is above for 1. */
const longest = 2 ** 31 - 1;
