import type { ImageEvent } from '../types.js';

/** What every step of fetching one kernel needs to know. */
export interface FetchContext {
  /** Row id, for events. */
  readonly kernel: string;
  readonly signal: AbortSignal;
  readonly onEvent: (event: ImageEvent) => void;
  /** Use what was downloaded before, and nothing else. */
  readonly offline: boolean;
  readonly patience: Patience;
}

/** How long to bear with a server. */
export interface Patience {
  /** Seconds without a byte after which a connection counts as dead. There is no limit on the whole transfer. */
  readonly idleSeconds: number;
  /** Attempts in a row that may bring nothing. */
  readonly attempts: number;
  /** First wait after a failure; it doubles from there. */
  readonly firstWaitSeconds: number;
  /** Longest wait between attempts, and the longest that a server may ask for (Retry-After). */
  readonly longestWaitSeconds: number;
}

export const defaultPatience: Patience = {
  idleSeconds: 60,
  attempts: 6,
  firstWaitSeconds: 2,
  longestWaitSeconds: 600,
};

/** Something that weakens what a reader may conclude; said aloud and never more than said. */
export function warn({ kernel, onEvent }: FetchContext, warning: string): void {
  onEvent({ type: 'image-warning', kernel, warning });
}

export function step({ kernel, onEvent }: FetchContext, text: string): void {
  onEvent({ type: 'image-step', kernel, step: text });
}

/** The same, with all that it warns of in a list as well: what weakens a source belongs to its provenance. */
export function remembering(context: FetchContext): FetchContext & { readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  return {
    ...context,
    warnings,
    onEvent: (event) => {
      if (event.type === 'image-warning') warnings.push(event.warning);
      context.onEvent(event);
    },
  };
}
