import { partsOfCellId } from '../../matrix/index.js';
import { alikeReasons } from '../alike-reasons.js';
import { counted } from '../counted.js';
import type { CellComparison, Comparison } from './types.js';
import { wasTried } from './was-tried.js';

/** Cells that can be compared: both runs made attempts of them. */
export const triedInBoth = ({ cells }: Comparison): CellComparison[] =>
  cells.filter(({ sides }) => sides.every(wasTried));

/**
 * What the runs can't be compared in, a line a reason: 150 cells of one night without a network are one fact. Raw.
 *
 * B unavailable: 150 cells of 18 kernels: linux-*.tar.xz can't be downloaded
 */
export function gapLines({ cells, onlyIn }: Comparison): string[] {
  return (['A', 'B'] as const).flatMap((name, side) => {
    const of = (outcome: string) => cells.filter(({ sides }) => sides[side]?.outcome === outcome);
    const unavailable = of('unavailable');
    const reasons = new Map(unavailable.map(({ id, sides }) => [kernelOf(id), sides[side]?.reason ?? '']));
    const groups = alikeReasons([...reasons].map(([kernel, reason]) => ({ name: kernel, reason })));
    return [
      ...groups.map(({ names, reason }) => {
        const ids = unavailable.map(({ id }) => id).filter((id) => names.includes(kernelOf(id)));
        // where it was looked for and what helps is in that run's own table
        return `${name} unavailable: ${cellsText(ids)}: ${reason.split('; ')[0]}`;
      }),
      ...notRun(
        name,
        of('pending').map(({ id }) => id),
        'the run ended before them',
      ),
      ...notRun(name, onlyIn[1 - side] ?? [], 'no cells of this run'),
    ];
  });
}

const notRun = (name: string, ids: readonly string[], why: string): string[] =>
  ids.length === 0 ? [] : [`${name} not run: ${cellsText(ids)}: ${why}`];

/** 12 cells of 3 kernels (vanilla-3.2, vanilla-3.3, vanilla-3.4) */
function cellsText(ids: readonly string[]): string {
  const kernels = [...new Set(ids.map(kernelOf))];
  const named = kernels.length <= 3 ? ` (${kernels.join(', ')})` : '';
  return `${counted(ids.length, 'cell')} of ${counted(kernels.length, 'kernel')}${named}`;
}

const kernelOf = (id: string): string => partsOfCellId(id).kernel;
