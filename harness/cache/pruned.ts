import type { EntryKind } from './store.js';

/** What was removed from the cache. */
export interface Pruned {
  readonly kind: EntryKind | 'downloads' | 'package lists' | 'build logs';
  /** Release of a kernel or of what belongs to one, else a file's name. */
  readonly name: string;
  /** Entry id (hex) of an entry. */
  readonly id?: string;
  readonly bytes: number;
}
