import { columnIdOf, columnLabel, partsOfCellId } from '../../matrix/cell-id.js';

/** A cell as tables name it: vanilla-3.2 lifecycle overlay. Its id is half as long again. */
export function cellLabel(id: string): string {
  const { kernel, ...column } = partsOfCellId(id);
  return `${kernel} ${columnLabel(columnIdOf(column))}`;
}
