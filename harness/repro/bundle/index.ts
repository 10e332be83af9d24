export type { BundleDescription } from './bundle-description.js';
export type { BundleRequest } from './bundle-request.js';
export { dumpGuestMemory } from './dump-guest-memory.js';
export { type Recording, type RecordOptions, recordAttempt } from './record-attempt.js';
export { type Replayed, type ReplayOptions, replayBundle } from './replay-bundle.js';
export { type UnpackedBundle, unpackBundle } from './unpack-bundle.js';
export { writeBundle } from './write-bundle.js';
