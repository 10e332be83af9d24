export { cellIdOf } from './cell-id-of.js';
export { cellsHash } from './cells-hash.js';
export { compareLines } from './compare-lines.js';
export { attemptKeys, expand, wholeProfile } from './expand.js';
export { matchesAny, suggestion } from './glob.js';
export { loadMatrix } from './load.js';
export { nearest } from './nearest.js';
export { attemptsByKernel, type CellParts, partsOfCellId } from './parts-of-cell-id.js';
export { findRow, selectRows } from './select-rows.js';
