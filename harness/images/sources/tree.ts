import type { KernelRow, TreeSource } from '../../matrix/types.js';
import { buildTree } from '../tree/build-tree.js';
import type { KernelEntry } from '../types.js';
import type { ObtainOptions } from './options.js';

/**
 * A row's kernel built from its tree, where that has a place to come from (see buildTree for errors).
 *
 * @throws ImageError for a tree that its owner has to supply first
 */
export const obtainTree = (
  row: Pick<KernelRow, 'id' | 'line'>,
  source: TreeSource,
  { onEvent, offline, signal, baseFolder }: ObtainOptions,
): Promise<KernelEntry> =>
  buildTree({
    rowId: row.id,
    line: row.line,
    source,
    offline,
    onEvent,
    signal,
    ...(baseFolder !== undefined && { baseFolder }),
  });
