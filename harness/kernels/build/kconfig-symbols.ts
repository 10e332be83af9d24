import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageError } from '../../errors.js';

/**
 * Every option that a tree defines for x86, found by following `source` from the top as the kernel's own parser does,
 * so that an option of another architecture isn't taken for one of ours.
 *
 * @throws ImageError where a Kconfig file that the tree sources is absent: such a tree can't be configured
 */
export async function kconfigSymbols(tree: string, start: string): Promise<ReadonlySet<string>> {
  const symbols = new Set<string>();
  const seen = new Set<string>();
  const follow = async (path: string, from: string): Promise<void> => {
    if (seen.has(path)) return;
    seen.add(path);
    const text = await readFile(join(tree, path), 'utf8').catch((cause: unknown) => {
      throw new ImageError(`the tree lacks ${path}, which ${from} sources`, {
        where: tree,
        remedy: 'the tree is incomplete: check how it was made, or use another',
        cause,
      });
    });
    for (const [, name] of text.matchAll(/^\s*(?:menu)?config\s+(\w+)/gm)) if (name) symbols.add(name);
    for (const [, written] of text.matchAll(/^\s*source\s+"?([^"\s]*Kconfig[^"\s]*)"?[ \t]*$/gm)) {
      const sourced = written?.replace(/\$\(?(SRCARCH|ARCH)\)?/g, 'x86').replace(/^\$\(?srctree\)?\//, '');
      if (sourced && !sourced.includes('$')) await follow(sourced, path);
    }
  };
  await follow(start, 'the build');
  return symbols;
}

/** The file that the kernel's build starts its configuration from, for ARCH=x86. */
export const kconfigStarts = ['Kconfig', 'arch/x86/Kconfig'] as const;
