import { ImageError } from '../../errors.js';
import { type KernelVersion, parseKernelVersion } from '../../versions/kernel-version.js';

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

function notATree(where: string, why: string): ImageError {
  return new ImageError(`not a kernel tree: ${why}`, {
    where,
    remedy:
      'name the folder that holds the kernel’s top Makefile (for git: `folder`, where it is below the root)',
  });
}
