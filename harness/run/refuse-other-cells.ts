import { UsageError } from '../errors.js';
import { canonicalJson } from '../matrix/canonical-json.js';
import { cellsHash } from '../matrix/expand.js';
import type { Cell } from '../matrix/types.js';
import type { RunManifest, StoredCell } from '../results/manifest.js';
import { storedCell } from '../results/stored-cell.js';

/**
 * Refuses to go on with other cells than a run was begun with: its attempts would be of two things. A run from before its cells
 * had a hash of their own goes on where matrix.yml is the same, or where all that run.json says of them is.
 *
 * @param cells as matrix.yml gives them now, of those that the run has
 * @throws UsageError that names the first ones that differ
 */
export function refuseOtherCells(
  manifest: Pick<RunManifest, 'id' | 'cells' | 'cellsHash' | 'matrixHash'>,
  cells: readonly Cell[],
  { where, matrixHash }: { readonly where: string; readonly matrixHash: string },
): void {
  const isSame =
    manifest.cellsHash === undefined
      ? manifest.matrixHash === matrixHash || differing(manifest.cells, cells).length === 0
      : manifest.cellsHash === cellsHash(cells);
  if (isSame) return;
  const ids = differing(manifest.cells, cells);
  const named = ids.length === 0 ? 'where a kernel comes from' : ids.slice(0, 3).join(', ');
  const more = ids.length > 3 ? ` and ${ids.length - 3} more` : '';
  throw new UsageError(
    `matrix.yml has changed since run ${manifest.id} began, in cells of that run: ${named}${more}`,
    {
      where,
      remedy: 'restore it, or start a new run',
    },
  );
}

/** Ids of cells that are gone or that run.json tells otherwise. */
function differing(begun: readonly StoredCell[], cells: readonly Cell[]): string[] {
  const now = new Map(cells.map((cell) => [cell.id, textOf(storedCell(cell))]));
  return begun.filter((cell) => now.get(cell.id) !== textOf(cell)).map(({ id }) => id);
}

/** As it is after it was stored and read. */
const textOf = (cell: StoredCell): string => canonicalJson(JSON.parse(JSON.stringify(cell)));
