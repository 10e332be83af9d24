import { ImageError } from '../../errors.js';

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

/**
 * The version that a kernel tree says it is, from the first lines of its top Makefile.
 *
 * @param makefile text of it, undefined where there is none
 * @throws ImageError where that isn't a kernel's
 */
export function treeVersion(makefile: string | undefined, where: string): KernelVersion {
  if (makefile === undefined) throw notATree(where, 'it has no Makefile');
  const part = (name: string): string | undefined =>
    makefile.match(new RegExp(`^${name}[ \\t]*:?=[ \\t]*(.*?)[ \\t]*$`, 'm'))?.[1];
  const [version, patchLevel, subLevel] = [part('VERSION'), part('PATCHLEVEL'), part('SUBLEVEL')];
  const stable = part('EXTRAVERSION')?.match(/^\.(\d+)/)?.[1];
  const parts = [version, patchLevel, subLevel || '0', ...(stable === undefined ? [] : [stable])];
  const parsed = parseKernelVersion(parts.join('.'));
  if (version === undefined || patchLevel === undefined || parsed === undefined) {
    throw notATree(where, 'its Makefile names no kernel version');
  }
  return parsed;
}

/** The line that a version belongs to: 2.6.32, 3.2. */
export const lineOf = (version: KernelVersion): string =>
  version.slice(0, (version[0] ?? 0) < 3 ? 3 : 2).join('.');

function notATree(where: string, why: string): ImageError {
  return new ImageError(`not a kernel tree: ${why}`, {
    where,
    remedy:
      'name the folder that holds the kernel’s top Makefile (for git: `folder`, where it is below the root)',
  });
}
