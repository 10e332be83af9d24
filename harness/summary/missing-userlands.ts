import type { CellSummary } from './types.js';

/** A userland that cells were to have and that couldn't be had. */
export interface MissingUserland {
  readonly name: string;
  readonly reason: string;
}

/** Those of these cells, in their order: a cell says so in its reason (noUserland). */
export function missingUserlands(cells: readonly CellSummary[]): MissingUserland[] {
  const found = new Map<string, MissingUserland>();
  for (const { outcome, reason } of cells) {
    const [, name, why] = (outcome === 'unavailable' && said.exec(reason)) || [];
    if (name !== undefined && why !== undefined && !found.has(name)) found.set(name, { name, reason: why });
  }
  return [...found.values()];
}

/** Why a cell is unavailable that has no userland. */
export const noUserland = (row: string, reason: string): string => `no userland ${row}: ${reason}`;

const said = /^no userland (\S+): (.*)$/s;
