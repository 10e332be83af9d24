import { existsSync } from 'node:fs';
import { UsageError } from '../../errors.js';
import { nearest } from '../../matrix/nearest.js';
import type { KernelRow } from '../../matrix/types.js';
import { boundNames, importedName, rowName } from '../binding.js';
import { findKernel, listKernels } from '../kernel-entries.js';
import type { KernelEntry } from '../types.js';

/**
 * The kernel in the cache that is meant by a row of the matrix, an imported name, or a release.
 *
 * @throws UsageError where there is none: with the row's or the nearest name, and how to get it
 */
export async function findCachedKernel(
  name: string,
  rows: readonly Pick<KernelRow, 'id' | 'source'>[],
): Promise<KernelEntry> {
  const row = rows.find(({ id }) => id === name);
  const kernels = await listKernels();
  const found =
    (row && (await findKernel(rowName(row)))) ??
    // trees that the user gave, and imported kernels, are kept under their own names
    (await findKernel(importedName(row?.source.kind === 'imported' ? row.source.name : name))) ??
    kernels.find(({ release, id }) => release === name || (name.length >= 12 && id.startsWith(name)));
  if (found) return found;
  if (row) {
    throw new UsageError(`the cache has no image of ${name} yet`, {
      remedy: `kmatrix images ${row.source.kind === 'tree' ? 'build' : 'fetch'} ${name}, then run this command again`,
    });
  }
  const known = [
    ...rows.map(({ id }) => id),
    ...(await boundNames('imported')),
    ...kernels.map(({ release }) => release),
  ];
  const meant = nearest(name, known);
  throw new UsageError(`no such file and no such kernel: ${name}`, {
    remedy: meant
      ? `did you mean ${meant}?`
      : 'kmatrix images list shows the kernels; a file is named by its path',
  });
}

/** Whether the user named a file: it is there, or it can't be anything else. */
export const meansFile = (name: string): boolean => name === '-' || name.includes('/') || existsSync(name);
