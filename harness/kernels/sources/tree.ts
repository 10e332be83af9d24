import type { KernelRow, TreeSource } from '../../matrix/types.js';
import { isOfLine } from '../../versions/kernel-version.js';
import { importedName } from '../binding.js';
import { buildTree } from '../build/build-tree.js';
import { findKernel } from '../kernel-entries.js';
import type { KernelEntry } from '../types.js';
import type { ObtainOptions } from './options.js';

/** A row's kernel built from its tree, where that has a place to come from (see buildTree for errors). */
export async function obtainTree(
  row: Pick<KernelRow, 'id' | 'line' | 'flavour'>,
  source: TreeSource,
  { onEvent, offline, signal, baseFolder }: ObtainOptions,
): Promise<KernelEntry> {
  const { id, line, flavour } = row;
  const passed = await findKernel(importedName(id));
  if (passed !== undefined && !isOfLine(passed.release, line)) {
    const warning = `the cached ${passed.release} of that name is not of the line ${line}, so it isn't used (kmatrix images remove ${id})`;
    onEvent({ type: 'image-warning', kernel: id, warning });
  }
  return buildTree({
    rowId: id,
    line,
    flavour,
    source,
    offline,
    onEvent,
    signal,
    ...(baseFolder !== undefined && { baseFolder }),
  });
}
