import { ImageError } from '../../errors.js';
import type { KernelRow, TreeSource } from '../../matrix/types.js';
import { buildTree } from '../tree/build-tree.js';
import type { KernelEntry } from '../types.js';
import type { ObtainOptions } from './options.js';

/**
 * A row's kernel built from its tree, where that has a place to come from (see buildTree for errors).
 *
 * @throws ImageError for a tree that can't be fetched, or that its owner has to supply first: both say how to give one
 */
export async function obtainTree(
  row: Pick<KernelRow, 'id' | 'line'>,
  source: TreeSource,
  { onEvent, offline, signal, baseFolder }: ObtainOptions,
): Promise<KernelEntry> {
  try {
    return await buildTree({
      rowId: row.id,
      line: row.line,
      source,
      offline,
      onEvent,
      signal,
      ...(baseFolder !== undefined && { baseFolder }),
    });
  } catch (error) {
    if (!(error instanceof ImageError) || error.remedy?.includes('images build')) throw error;
    const give = `or give a tree: kmatrix images build ${row.id} --tree FOLDER`;
    const remedy = error.remedy === undefined ? give : `${error.remedy}; ${give}`;
    throw new ImageError(error.message, { where: error.where, remedy, cause: error.cause });
  }
}
