import { readFile } from 'node:fs/promises';
import writeFileAtomic from 'write-file-atomic';
import type { ImageEvent } from '../types.js';

export interface BuildProgress {
  /** To be called with the number of objects compiled so far. */
  readonly onObject: (count: number) => void;
  /** Keeps the whole number for the next build of this row. */
  readonly remember: (count: number) => Promise<void>;
}

/**
 * Progress of a build as a fraction of the objects that the last build of the row had (make doesn't say how many there
 * will be), an event a hundredth.
 */
export async function progressOf(
  kernel: string,
  log: string,
  onEvent: (event: ImageEvent) => void,
): Promise<BuildProgress> {
  const file = `${log}.objects`;
  const text = await readFile(file, 'utf8').catch(() => '');
  const expected = Number.parseInt(text, 10) || usualObjects;
  let shown = -1;
  return {
    onObject: (count) => {
      const hundredths = Math.min(99, Math.floor((100 * count) / expected));
      if (hundredths === shown) return;
      shown = hundredths;
      onEvent({ type: 'image-progress', kernel, step: 'compile', fraction: hundredths / 100 });
    },
    remember: (count) => writeFileAtomic(file, `${count}\n`),
  };
}

/** Of a kernel with base.config: 1,000 to 1,200 between 2.6.32 and 4.9. */
const usualObjects = 1100;
