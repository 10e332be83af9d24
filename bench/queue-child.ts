import process from 'node:process';
import { unavailableResult } from '../harness/attempt/unavailable.js';
import { projectRoot } from '../harness/host/project.js';
import { attemptKeys, expand, wholeProfile } from '../harness/matrix/expand.js';
import { loadMatrix } from '../harness/matrix/load.js';
import type { Cell } from '../harness/matrix/types.js';
import { runMatrix } from '../harness/schedule/run-matrix.js';
// a real run has all of kmatrix loaded
import '../harness/cli/program.js';

/** A run of N cells made of matrix.yml's own, with a runner that boots nothing; prints peak memory and CPU time. */
const count = Number(process.argv[2]);
const matrix = await loadMatrix(`${projectRoot}/matrix.yml`);
const own = expand(matrix, wholeProfile('nightly'));
const cells: Cell[] = Array.from({ length: count }, (_, index) => {
  const cell = own[index % own.length];
  if (cell === undefined) throw new Error('no cell');
  return { ...cell, id: `${cell.id}-${index}`, attempts: 1 };
});
const before = process.cpuUsage();
let peak = 0;
await runMatrix(
  { cells: new Map(cells.map((cell) => [cell.id, cell])), keys: attemptKeys(cells, 1) },
  {
    prepare: async ({ kernel: { id } }) => ({ image: { id, kernel: { id, release: id } } }),
    runner: {
      memoryMiB: () => 128,
      run: async ({ key }) => ({ console: '', result: { ...unavailableResult(key, ''), outcome: 'stable' } }),
    },
    expectedSeconds: ({ workload }) => workload.timeoutSeconds,
    record: async () => {},
    emit: () => {
      peak = Math.max(peak, process.memoryUsage.rss());
    },
  },
  { jobs: 2, memoryMiB: 4096 },
  new AbortController().signal,
);
const { user, system } = process.cpuUsage(before);
process.stdout.write(JSON.stringify({ residentMiB: peak / 2 ** 20, milliseconds: (user + system) / 1000 }));
