import { UsageError } from '../errors.js';
import { bringsUserland, type UserlandRow } from './axes.js';
import { select, suggestion } from './glob.js';
import type { KernelRow, Matrix, Patterns } from './types.js';

/**
 * The kernel rows that match, in the order of matrix.yml.
 *
 * @throws UsageError for a pattern that matches nothing, with the nearest id
 */
export function selectRows({ kernels, path }: Matrix, patterns: Patterns): KernelRow[] {
  const ids = kernels.map(({ id }) => id);
  const chosen = new Set(select('kernel', ids, patterns, path));
  return kernels.filter(({ id }) => chosen.has(id));
}

/** The same of all rows that something is fetched for: kernels, and rows that bring a disk. */
export function selectFetched(
  { kernels, axes, path }: Matrix,
  patterns: Patterns,
): { readonly kernels: readonly KernelRow[]; readonly userlands: readonly UserlandRow[] } {
  const userlands = axes.flatMap(({ rows }) => rows).filter(bringsUserland);
  const ids = [...kernels, ...userlands].map(({ id }) => id);
  const chosen = new Set(select('kernel or userland', ids, patterns, path));
  return {
    kernels: kernels.filter(({ id }) => chosen.has(id)),
    userlands: userlands.filter(({ id }) => chosen.has(id)),
  };
}

/** The one row of this id. @throws UsageError with the nearest id where there is none */
export function findRow({ kernels, path }: Matrix, id: string): KernelRow {
  const row = kernels.find((known) => known.id === id);
  if (row !== undefined) return row;
  const ids = kernels.map((known) => known.id);
  throw new UsageError(`there is no kernel '${id}'`, { where: path, remedy: suggestion(id, ids) });
}
