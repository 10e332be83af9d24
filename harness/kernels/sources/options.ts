import type { ImageEvent } from '../types.js';

/** How a kernel is to be had. */
export interface ObtainOptions {
  readonly onEvent: (event: ImageEvent) => void;
  /** Nothing is fetched: what the cache has, or ImageError. */
  readonly offline: boolean;
  readonly signal: AbortSignal;
  /** Ask the source again although the cache has an answer: a suite may have moved on. */
  readonly refresh?: boolean;
  /** Folder that relative paths of matrix.yml are relative to; the current one by default. */
  readonly baseFolder?: string;
}
