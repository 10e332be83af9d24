import { partsOfCellId } from '../../matrix/parts-of-cell-id.js';
import { columnLabel } from '../column-label.js';

/** A cell as tables name it: vanilla-3.2 lifecycle overlay. Its id is half as long again. */
export function cellLabel(id: string): string {
  const { kernel, workload, storage, boot } = partsOfCellId(id);
  return `${kernel} ${columnLabel(`${workload}/${storage}/${boot}`)}`;
}
