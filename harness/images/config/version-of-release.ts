import { type KernelVersion, parseKernelVersion } from '../tree/kernel-version.js';

/** The version that a release (uname -r) begins with: [6, 1, 0] of 6.1.0-31-cloud-amd64; undefined where it has none. */
export function versionOfRelease(release: string): KernelVersion | undefined {
  return parseKernelVersion(/^\d+(?:\.\d+){1,3}/.exec(release)?.[0] ?? '');
}
