import { cpus, release, totalmem } from 'node:os';
import process from 'node:process';
import type { HostFacts } from './manifest.js';

/** This host, for run.json. */
export const hostFacts = (): HostFacts => ({
  cpus: cpus().length,
  cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
  memoryMiB: Math.round(totalmem() / 1024 ** 2),
  // a host's own name for its build may name its owner
  kernel: /^[\d.]+\d/.exec(release())?.[0] ?? 'unknown',
  node: process.version,
});
