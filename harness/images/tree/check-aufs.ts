import { ImageError } from '../../errors.js';
import { parseConfig } from './verify-config.js';

export const isAufsRow = (flavour: string): boolean => /\+aufs\b/.test(flavour);

/**
 * AUFS is optional to kernels as such, and what a row with it in its flavour is about: without it, every cell of the
 * row would say `unsupported` of a kernel that is in truth another one.
 *
 * @param config text of the .config that came out
 * @throws ImageError where that lacks AUFS and the row asks for it
 */
export function checkAufs(
  config: string,
  { rowId, flavour }: { readonly rowId: string; readonly flavour: string },
  where: string,
): void {
  if (!isAufsRow(flavour) || parseConfig(config).get('AUFS_FS') === 'y') return;
  throw new ImageError(`${rowId} is a row of ${flavour}, and its configuration came out without AUFS_FS=y`, {
    where,
    remedy: 'give a tree that has AUFS in it, or its patches: --patch-set FOLDER --apply … (docs/kernels.md)',
  });
}
