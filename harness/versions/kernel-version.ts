/** A kernel's version as numbers, most significant first: 2.6.32.69 is [2, 6, 32, 69]. */
export type KernelVersion = readonly number[];

/** From `from` on, and before `before`; either end may be open. Compared with versions as the tree's Makefile has them. */
export interface KernelRange {
  readonly from?: KernelVersion | undefined;
  readonly before?: KernelVersion | undefined;
}

/** Parses "3.2" or "2.6.32.69"; undefined for anything else. */
export function parseKernelVersion(text: string): KernelVersion | undefined {
  return /^\d{1,4}(\.\d{1,4}){0,3}$/.test(text) ? text.split('.').map(Number) : undefined;
}

/** Below zero where `a` is older; missing parts count as zero. */
export function compareKernelVersions(a: KernelVersion, b: KernelVersion): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export const inRange = (version: KernelVersion, { from, before }: KernelRange): boolean =>
  (from === undefined || compareKernelVersions(version, from) >= 0) &&
  (before === undefined || compareKernelVersions(version, before) < 0);

/** The line that a version belongs to: 2.6.32, 3.2. */
export const lineOf = (version: KernelVersion): string =>
  version.slice(0, (version[0] ?? 0) < 3 ? 3 : 2).join('.');

/** The version that a release (uname -r) begins with: [6, 1, 0] of 6.1.0-31-cloud-amd64; undefined where it has none. */
export function versionOfRelease(release: string): KernelVersion | undefined {
  return parseKernelVersion(/^\d+(?:\.\d+){1,3}/.exec(release)?.[0] ?? '');
}

/** Is a release (uname -r) of a row's line? 3.2.71 and 3.2.0-4-amd64 are of 3.2, and 3.20.0 isn't. */
export function isOfLine(release: string, line: string): boolean {
  const version = versionOfRelease(release);
  const wanted = parseKernelVersion(line);
  return version !== undefined && wanted !== undefined && lineOf(version) === lineOf(wanted);
}
