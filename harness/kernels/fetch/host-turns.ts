import { setTimeout as delay } from 'node:timers/promises';

/**
 * Runs `work` when it is this caller's turn at `host`: one transfer at a time, and none before a pause is over, since
 * snapshot archives answer a burst with minutes of 429.
 *
 * @throws the signal's reason when it is aborted while waiting
 */
export async function inTurn<T>(host: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const before = tails.get(host) ?? Promise.resolve();
  let leave = (): void => {};
  const mine = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const tail = before.then(() => mine);
  tails.set(host, tail);
  try {
    await abortable(before, signal);
    await pauseOf(host, signal);
    return await work();
  } finally {
    leave();
    if (tails.get(host) === tail) tails.delete(host);
  }
}

/** Nobody asks `host` for anything during the next `seconds`. */
export function pauseHost(host: string, seconds: number): void {
  const until = Date.now() + seconds * 1000;
  pauses.set(host, Math.max(until, pauses.get(host) ?? 0));
}

/** Host → end of the last turn given out. */
const tails = new Map<string, Promise<void>>();
/** Host → milliseconds since the epoch. */
const pauses = new Map<string, number>();

async function pauseOf(host: string, signal: AbortSignal): Promise<void> {
  const left = (pauses.get(host) ?? 0) - Date.now();
  if (left > 0) await delay(left, undefined, { signal });
  pauses.delete(host);
}

async function abortable(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let abort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
  });
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
