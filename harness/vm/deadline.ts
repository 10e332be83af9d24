import { alarm } from '../host/alarm.js';
import type { AcceleratorName } from './types.js';

/** How long a wait may last: in all, and without a sign of progress. */
export interface Limits {
  readonly totalSeconds: number;
  readonly quietSeconds: number;
}

/** How a wait ended. Seconds are those waited, by the clock. */
export type Waited<T> =
  | { readonly end: 'reached'; readonly value: T; readonly seconds: number }
  | { readonly end: 'quiet'; readonly seconds: number }
  | { readonly end: 'deadline'; readonly seconds: number };

/** Milliseconds of a monotonic clock, and its alarm; the alarm's result cancels it. */
export interface Clock {
  now(): number;
  alarm(milliseconds: number, ring: () => void): () => void;
}

export const hostClock: Clock = { now: () => performance.now(), alarm };

/**
 * Waits for `goal` as long as there is progress and time.
 *
 * @param lastProgressAt when something last moved, by the same clock: a console's byte, a heartbeat
 * @throws what `goal` rejects with, or the signal's reason
 */
export function awaitProgress<T>(
  goal: Promise<T>,
  lastProgressAt: () => number,
  limits: Limits,
  { signal, clock = hostClock }: { signal?: AbortSignal | undefined; clock?: Clock } = {},
): Promise<Waited<T>> {
  const begun = clock.now();
  const end = begun + limits.totalSeconds * 1000;
  return new Promise((resolve, reject) => {
    let cancel = () => {};
    const finish = (settle: (seconds: number) => void) => {
      cancel();
      signal?.removeEventListener('abort', abort);
      settle((clock.now() - begun) / 1000);
    };
    const abort = () => finish(() => reject(signal?.reason));
    const look = () => {
      const now = clock.now();
      const quietEnd = Math.max(begun, lastProgressAt()) + limits.quietSeconds * 1000;
      if (now >= end) finish((seconds) => resolve({ end: 'deadline', seconds }));
      else if (now >= quietEnd) finish((seconds) => resolve({ end: 'quiet', seconds }));
      else cancel = clock.alarm(Math.min(end, quietEnd) - now, look);
    };
    signal?.addEventListener('abort', abort, { once: true });
    goal.then(
      (value) => finish((seconds) => resolve({ end: 'reached', value, seconds })),
      (error) => finish(() => reject(error)),
    );
    if (signal?.aborted) abort();
    else look();
  });
}

/**
 * Before the guest has said how slow it is. Generous: Debian's 6.1 takes 2.1 s alone under TCG on two cores, and a boot's
 * longest silence is a fraction of that; a machine that shares its host with others may take many times as long.
 */
export const bootLimits = (accelerator: AcceleratorName): Limits =>
  accelerator === 'kvm' ? { totalSeconds: 300, quietSeconds: 60 } : { totalSeconds: 1200, quietSeconds: 180 };
