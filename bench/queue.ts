import process from 'node:process';
import { execa } from 'execa';
import type { Measure } from './measure.js';

/** Resident memory of a kmatrix process that has this many cells queued, and its own CPU time per cell (runner stands in). */
export async function measureQueue(cells: readonly number[]): Promise<Measure[]> {
  const measures: Measure[] = [];
  for (const count of cells) {
    const { stdout } = await execa(process.execPath, [
      new URL('queue-child.js', import.meta.url).pathname,
      String(count),
    ]);
    const { residentMiB, milliseconds }: { residentMiB: number; milliseconds: number } = JSON.parse(stdout);
    measures.push({
      name: `resident with ${count} cells queued`,
      unit: 'MiB',
      value: residentMiB,
      target: { kind: 'at most', ratio: count <= 100 ? 150 : 300 },
    });
    measures.push({
      name: `own CPU a cell, ${count} cells`,
      unit: 'ms',
      value: milliseconds / count,
      target: { kind: 'at most', ratio: 1 },
    });
  }
  return measures;
}
