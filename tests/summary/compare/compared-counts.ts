import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RunStore } from '../../../harness/results/run-store.js';
import { compareRuns } from '../../../harness/summary/compare/compare-runs.js';
import type { Comparison } from '../../../harness/summary/compare/types.js';
import { aCell, anAttempt, aReport, aRun } from '../../results/made-up-run.js';

/** One for all failing attempts of a run, or each one's own, by its index. */
type Signature = string | ((index: number) => string);

/** Two runs compared in which, of the last number's attempts of each cell, the first and the second number oops. */
export async function comparedCounts(
  counts: Readonly<Record<string, readonly [number, number, number]>>,
  signature: Signature = 'oops:one',
  other = signature,
): Promise<Comparison> {
  const root = await mkdtemp(join(tmpdir(), 'kmatrix-'));
  try {
    const run = async (side: 0 | 1, named: Signature): Promise<string> => {
      const cells = Object.entries(counts).map(([kernel, [, , attempts]]) =>
        aCell(kernel, 'pidns-exec', { attempts }),
      );
      const store = await RunStore.create(root, aRun(cells));
      for (const { id, kernel, attempts } of cells)
        for (let index = 0; index < attempts; index++) {
          const fails = index < (counts[kernel.id]?.[side] ?? 0);
          const reports = fails
            ? [aReport({ knownIssue: null, signature: typeof named === 'string' ? named : named(index) })]
            : [];
          const over = { reports, decisive: fails ? 0 : null };
          await store.append(anAttempt(id, index, fails ? 'oops' : 'stable', over), '');
        }
      await store.close();
      return store.folder;
    };
    return await compareRuns(await run(0, signature), await run(1, other));
  } finally {
    await rm(root, { recursive: true });
  }
}
