import { sha256 } from '../host/hash.js';
import { canonicalJson } from './canonical-json.js';
import type { Cell } from './types.js';

/**
 * SHA-256 (hex) over cells as expanded: rows, arguments, limits, expectations, attempts. Whatever else stands in matrix.yml, and
 * in which order, doesn't count.
 */
export const cellsHash = (cells: readonly Cell[]): string =>
  sha256(canonicalJson(cells.toSorted((a, b) => (a.id < b.id ? -1 : 1))));
