import type { Digests } from './digests.js';

/** A file as it is asked for. */
export interface Wanted {
  readonly url: string;
  /** For people: "Packages.xz of squeeze main". */
  readonly what: string;
  /** What its bytes must be. None: the URL is mutable, and asked for again each time. */
  readonly digests: Digests;
  /** Exact size where the index states one. */
  readonly bytes?: number;
  /** Largest size accepted where it doesn't. */
  readonly maximumBytes: number;
  /** What to do where the bytes are others; there is a word for it where none is given. */
  readonly remedy?: string;
}
