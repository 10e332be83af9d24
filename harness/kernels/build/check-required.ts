import { ImageError } from '../../errors.js';
import type { TreeSource } from '../../matrix/types.js';
import { parseConfig } from './verify-config.js';

/**
 * What is optional to kernels as such may be what a row is about: without AUFS, every cell of a row with AUFS would say
 * `unsupported` of a kernel that is in truth another one.
 *
 * @param config text of the .config that came out
 * @throws ImageError where that lacks an option that the row requires, or has it otherwise (a module is no `y`)
 */
export function checkRequired(
  config: string,
  {
    rowId,
    source: { require = {} },
  }: { readonly rowId: string; readonly source: Pick<TreeSource, 'require'> },
  where: string,
): void {
  const values = parseConfig(config);
  const lacking = Object.entries(require).filter(([name, value]) => values.get(name) !== value);
  if (lacking.length === 0) return;
  const list = lacking.map(([name, value]) => `${name}=${value}`).join(' and ');
  throw new ImageError(`${rowId} requires ${list}, and its configuration came out without`, {
    where,
    remedy:
      'give a tree that has it, or the patches that bring it: --patch-set FOLDER --apply … (docs/kernels.md)',
  });
}
