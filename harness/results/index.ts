export { attemptId } from './attempt-id.js';
export type { StoredAttempt } from './attempt-schema.js';
export { distinctAttempts } from './distinct-attempts.js';
export { earlierSeconds } from './earlier-seconds.js';
export { findRun, runIds } from './find-run.js';
export type { HostFacts, ImageRecord, JobsRange, RunManifest, StoredCell, StoredKernel } from './manifest.js';
export { readConsole } from './read-console.js';
export { type DamagedLine, readAttempts, readImages, readManifest } from './read-run.js';
export { type NewRun, RunStore } from './run-store.js';
