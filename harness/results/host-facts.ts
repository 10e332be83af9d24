import { createHmac } from 'node:crypto';
import { cpus, hostname, release, totalmem } from 'node:os';
import process from 'node:process';
import { kernelText } from '../host/kernel-text.js';
import type { HostFacts } from './manifest.js';

/** This host, for run.json. */
export const hostFacts = (): HostFacts => ({
  id: hostId(),
  os: /^PRETTY_NAME="?([^"\n]{1,100})"?$/m.exec(kernelText('/etc/os-release'))?.[1] ?? 'unknown',
  cpus: cpus().length,
  cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
  memoryMiB: Math.round(totalmem() / 1024 ** 2),
  // a host's own name for its build may name its owner
  kernel: /^[\d.]+\d/.exec(release())?.[0] ?? 'unknown',
  node: process.version,
});

/**
 * Runs are published, and a host's name may name its owner: this only tells two hosts apart. machine-id(5) asks for a keyed
 * hash of it; a container without one has its name.
 */
const hostId = (): string =>
  createHmac('sha256', 'kmatrix')
    .update(kernelText('/etc/machine-id').trim() || hostname())
    .digest('hex')
    .slice(0, 12);
