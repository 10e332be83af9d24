import type { Patience } from './context.js';

/**
 * Seconds until the next attempt after `failures` in a row: doubling, with jitter so that hosts which failed together
 * don't come back together.
 */
export function backOffSeconds(failures: number, patience: Patience, random = Math.random()): number {
  const doubled = patience.firstWaitSeconds * 2 ** Math.max(0, failures - 1);
  return Math.min(doubled, patience.longestWaitSeconds) * (0.5 + random / 2);
}

/**
 * Seconds that a Retry-After header asks for: a number or an HTTP date (RFC 9110, 10.2.3); undefined where it says
 * neither. Never less than asked, up to a tenth more.
 */
export function retryAfterSeconds(
  header: string | undefined,
  now = Date.now(),
  random = Math.random(),
): number | undefined {
  if (header === undefined) return undefined;
  const seconds = /^\d{1,9}$/.test(header.trim()) ? Number(header) : (Date.parse(header) - now) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds) * (1 + random / 10);
}
