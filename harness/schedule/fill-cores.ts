/** What decides how many machines run at a time beyond the usual. */
export interface CoresToFill {
  readonly mostJobs: number;
  /** Cores that idled since this was last asked, on average. */
  readonly idleCores: () => number;
}

/** What is asked of PQueue. */
interface Jobs {
  concurrency: number;
  /** Jobs that run, and jobs that wait. */
  readonly pending: number;
  readonly size: number;
}

/**
 * Lets more machines run while cores idle: guests wait (a tear-down of network namespaces for RCU, TCP for its timers), some
 * kernels half of their time. One more or one less a second, so that the last one's effect is seen before the next.
 *
 * @returns ends it; the jobs stay as they are
 */
export function fillCores(
  jobs: Jobs,
  { mostJobs, idleCores }: CoresToFill,
  everyMilliseconds = 1000,
): Disposable {
  const least = jobs.concurrency;
  const timer = setInterval(() => {
    const idle = idleCores();
    const isFull = jobs.pending >= jobs.concurrency && jobs.size > 0;
    if (isFull && idle >= enoughForOne) jobs.concurrency = Math.min(mostJobs, jobs.concurrency + 1);
    else if (idle <= none) jobs.concurrency = Math.max(least, jobs.concurrency - 1);
  }, everyMilliseconds);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** Cores. Two machines on two cores leave 0.05 to 0.15 of them where neither waits, 0.9 where both do (6.1, 3.2). */
const enoughForOne = 0.35;
const none = 0.04;
