import type { AttemptResult } from './types.js';

/** Whether an attempt's machine was powered on and never came to READY: the kernel did nothing yet of what it was asked. */
export const neverReady = ({ outcome, start, bootSeconds }: AttemptResult): boolean =>
  outcome !== 'unavailable' && start === 'cold' && bootSeconds === null;
