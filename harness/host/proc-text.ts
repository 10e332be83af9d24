import { readFileSync } from 'node:fs';

/**
 * A file below /proc, '' where it isn't there (any more). At once: it is never waited for, and to have Node's threads read
 * it costs several times as much.
 */
export function procText(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    return '';
  }
}
