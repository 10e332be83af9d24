/** How many times slower than its host a guest runs the same loop; never under 1, so that deadlines only grow. */
export function slowness(guestNanoseconds: number, hostNanoseconds: number): number {
  if (!(guestNanoseconds > 0) || !(hostNanoseconds > 0)) return 1;
  return Math.min(Math.max(guestNanoseconds / hostNanoseconds, 1), mostBelieved);
}

/** TCG is 5 to 30 times slower than its host. A guest that claims more is broken or lies; it gets no days for that. */
const mostBelieved = 200;

/** A time meant for hardware, as long as this guest needs for it. */
export const scaledSeconds = (seconds: number, factor: number): number => seconds * Math.max(factor, 1);
