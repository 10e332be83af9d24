import type { AttemptKey } from '../matrix/types.js';
import type { AttemptResult } from './types.js';

/** An attempt that could not be asked: its kernel has no image. It stands in the table with its reason, never as a pass. */
export const unavailableResult = (key: AttemptKey, reason: string): AttemptResult => ({
  key,
  outcome: 'unavailable',
  reason,
  decisive: null,
  reports: [],
  release: '',
  imageId: '',
  startedAt: new Date().toISOString(),
  seconds: 0,
  start: 'cold',
  bootSeconds: null,
  readySeconds: null,
  secondsToReport: null,
  iterations: 0,
  iterationsAsked: null,
  workSeconds: null,
  censored: false,
  stopped: false,
  slowness: null,
  longestGapSeconds: 0,
  facts: [],
  samples: [],
  evidence: '',
  garbledFrames: 0,
  missingFrames: 0,
  overflow: 0,
});
