import type { AxisRow } from './axes.js';
import type { Cell } from './types.js';

const rowsOf = ({ axes }: Pick<Cell, 'axes'>): AxisRow[] => Object.values(axes);

/** Kernel modules that an image of this cell loads first, by name. */
export const modulesOf = (cell: Pick<Cell, 'axes' | 'workload'>): string[] => [
  ...new Set([...rowsOf(cell).flatMap(({ modules }) => modules), ...cell.workload.modules]),
];

/** What its kernel is booted with besides the harness's own words: the kernel's, then those of each axis. */
export const kernelArgumentsOf = (cell: Pick<Cell, 'axes' | 'kernel'>): string[] => [
  ...cell.kernel.bootArguments,
  ...rowsOf(cell).flatMap(({ kernelArguments }) => kernelArguments),
];

/** What its workload is started with; its own arguments come before an axis's. */
export const argumentsOf = (cell: Pick<Cell, 'axes' | 'workload'>): Cell['workload']['arguments'] =>
  Object.assign({}, ...rowsOf(cell).map((row) => row.arguments), cell.workload.arguments);
