import { counted } from '../../host/counted.js';
import { partsOfCellId } from '../../matrix/cell-id.js';
import { alikeReasons } from '../alike-reasons.js';
import { wasTried } from './cell-questions.js';
import type { CellComparison, Comparison } from './types.js';

/** Cells that can be compared: both runs made attempts of them. */
export const triedInBoth = ({ cells }: Comparison): CellComparison[] =>
  cells.filter(({ sides }) => sides.every(wasTried));

/**
 * What the runs can't be compared in, one line per reason: 150 cells of one night without a network are one fact. Raw.
 *
 * B unavailable: 150 cells of 18 kernels: linux-*.tar.xz can't be downloaded
 */
export function gapLines({ cells, onlyIn }: Comparison): string[] {
  return (['A', 'B'] as const).flatMap((name, side) => {
    const gaps = cells.flatMap(({ id, sides }) => {
      const mine = sides[side];
      return mine === undefined || wasTried(mine) ? [] : [{ id, outcome: mine.outcome, reason: mine.reason }];
    });
    const of = (wanted: string): Gap[] => gaps.filter(({ outcome }) => outcome === wanted);
    const unavailable = of('unavailable');
    const reasons = new Map(unavailable.map(({ id, reason }) => [kernelOf(id), reason]));
    const groups = alikeReasons([...reasons].map(([kernel, reason]) => ({ name: kernel, reason })));
    const others = gaps.filter(({ outcome }) => outcome !== 'unavailable' && outcome !== 'pending');
    const failed = alikeReasons(others.map(({ id, reason }) => ({ name: id, reason })));
    return [
      ...groups.map(({ names, reason }) => {
        const ids = unavailable.map(({ id }) => id).filter((id) => names.includes(kernelOf(id)));
        return `${name} unavailable: ${cellsText(ids)}: ${shortReason(reason)}`;
      }),
      ...failed.map(
        ({ names, reason }) => `${name} harness errors alone: ${cellsText(names)}: ${shortReason(reason)}`,
      ),
      ...notRun(
        name,
        of('pending').map(({ id }) => id),
        'the run ended before them',
      ),
      ...notRun(name, onlyIn[1 - side] ?? [], 'no cells of this run'),
    ];
  });
}

interface Gap {
  readonly id: string;
  readonly outcome: string;
  readonly reason: string;
}

/** Where it was looked for and what helps is in that run's own table. */
const shortReason = (reason: string): string => reason.split('; ')[0] ?? '';

const notRun = (name: string, ids: readonly string[], why: string): string[] =>
  ids.length === 0 ? [] : [`${name} not run: ${cellsText(ids)}: ${why}`];

/** 12 cells of 3 kernels (vanilla-3.2, vanilla-3.3, vanilla-3.4) */
function cellsText(ids: readonly string[]): string {
  const kernels = [...new Set(ids.map(kernelOf))];
  const named = kernels.length <= 3 ? ` (${kernels.join(', ')})` : '';
  return `${counted(ids.length, 'cell')} of ${counted(kernels.length, 'kernel')}${named}`;
}

const kernelOf = (id: string): string => partsOfCellId(id).kernel;
