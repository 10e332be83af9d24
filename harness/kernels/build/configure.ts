import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageError } from '../../errors.js';
import type { RequestedOption } from './fragment.js';
import { kconfigStarts, kconfigSymbols } from './kconfig-symbols.js';
import type { MakeCall } from './make-words.js';
import { readText } from './open-folder.js';
import type { OptionNames } from './option-names.js';
import { type MakeOptions, runMake } from './run-make.js';
import { translateOptions } from './translate-options.js';
import { verifyConfig } from './verify-config.js';

/**
 * Writes the kernel's .config: everything off but what is asked for and what that selects, then checks that everything
 * asked for is in it.
 *
 * allnoconfig reads KCONFIG_ALLCONFIG in every line from 2.6.32 on; merge_config.sh and olddefconfig came later.
 *
 * @returns names of optional requests that this tree doesn't have or dropped, but for those of other versions
 * @throws ImageError naming requests that the tree doesn't define or that Kconfig dropped
 */
export async function configure(
  call: MakeCall,
  requests: readonly RequestedOption[],
  table: OptionNames,
  options: Omit<MakeOptions, 'targets' | 'environment'>,
): Promise<readonly string[]> {
  const { source, build } = call;
  const defined = await kconfigSymbols(source, await kconfigStart(source));
  const translated = translateOptions(requests, defined, table, source);
  const fragment = join(build, 'kmatrix.config');
  await writeFile(fragment, translated.map(asLine).join(''));
  await runMake(call, {
    ...options,
    purpose: `${options.purpose} (configuration)`,
    targets: ['allnoconfig'],
    environment: { KCONFIG_ALLCONFIG: fragment },
  });
  const dropped = verifyConfig(await readFile(join(build, '.config'), 'utf8'), translated, options.log);
  const known = new Set(translated.map(({ name }) => name));
  return [...requests.filter(({ name, value }) => !known.has(name) && value !== 'n'), ...dropped]
    .filter(({ beyond = false }) => !beyond)
    .map(({ name }) => name);
}

const asLine = ({ nameInTree, value }: { readonly nameInTree: string; readonly value: string }): string =>
  value === 'n' ? `# CONFIG_${nameInTree} is not set\n` : `CONFIG_${nameInTree}=${value}\n`;

async function kconfigStart(source: string): Promise<string> {
  for (const start of kconfigStarts) if ((await readText(join(source, start))) !== undefined) return start;
  throw new ImageError('the tree has no Kconfig for x86', {
    where: source,
    remedy: 'kmatrix builds x86-64 kernels; trees cut down to another architecture lack arch/x86',
  });
}
