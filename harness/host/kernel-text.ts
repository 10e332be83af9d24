import { readFileSync } from 'node:fs';

/**
 * A file of /proc or /sys, '' where it isn't there (any more). At once: neither is ever waited for, and to have Node's
 * threads read it costs several times as much.
 */
export function kernelText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
