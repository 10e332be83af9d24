import { versionOfRelease } from './config/version-of-release.js';
import { lineOf, parseKernelVersion } from './tree/kernel-version.js';

/** Is a release (uname -r) of a row's line? 3.2.71 and 3.2.0-4-amd64 are of 3.2, and 3.20.0 isn't. */
export function isOfLine(release: string, line: string): boolean {
  const version = versionOfRelease(release);
  const wanted = parseKernelVersion(line);
  return version !== undefined && wanted !== undefined && lineOf(version) === lineOf(wanted);
}
