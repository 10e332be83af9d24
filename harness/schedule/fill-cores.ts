/** What decides how many machines run at a time beyond the usual. */
export interface CoresToFill {
  readonly mostJobs: number;
  /** Begins to measure; what is returned says how many cores idled since it was last asked, on average. */
  readonly idleCores: () => () => number;
}

/** What is asked of PQueue. */
export interface Jobs {
  concurrency: number;
  /** Jobs that run, and jobs that wait. */
  readonly pending: number;
  readonly size: number;
}

export interface FillOptions {
  /** Whether something other than cores (memory) keeps jobs from running. */
  readonly isShort?: () => boolean;
  readonly everyMilliseconds?: number;
}

/**
 * Lets more machines run while cores idle: guests wait (a tear-down of network namespaces for RCU, TCP for its timers), some
 * kernels half of their time. A step a second, so that the last one's effect is seen before the next; where there are too
 * many, none is ended, but fewer are started.
 *
 * @returns ends it; the jobs stay as they are
 */
export function fillCores(
  jobs: Jobs,
  { mostJobs, idleCores }: CoresToFill,
  { isShort, everyMilliseconds = 1000 }: FillOptions = {},
): Disposable {
  const usual = jobs.concurrency;
  const idleSinceLast = idleCores();
  const look = (): void => {
    const idle = idleSinceLast();
    const isFull = jobs.pending >= jobs.concurrency && jobs.size > 0 && !isShort?.();
    if (isFull && idle >= Math.max(leastToUse, busyHostIdles * usual)) {
      // half of what idles, since the next machine may be one that doesn't wait
      jobs.concurrency = Math.min(mostJobs, jobs.concurrency + Math.max(1, Math.floor(idle / 2)));
    } else if (idle <= overfull * usual && jobs.pending <= jobs.concurrency) {
      jobs.concurrency = Math.max(usual, jobs.concurrency - 1);
    }
  };
  const timer = setInterval(look, everyMilliseconds);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Cores. A machine that waits half of its time, as on 3.2, uses no less. */
const leastToUse = 0.35;
/** Of each core: two machines on two cores left 0.05 to 0.15 idle in all where neither guest waits (6.1), and 0.9 on 3.2. */
const busyHostIdles = 0.1;
const overfull = 0.02;
