import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { renderMarkdown } from '../harness/report/markdown/run.js';
import { median } from '../harness/statistics/quantile.js';
import { summarise } from '../harness/summary/summarise.js';
import { largeRun } from '../tests/summary/large-run.js';
import type { Measure } from './measure.js';

/** Seconds of CPU (so that a busy host measures the same) from a stored run of that many attempts to its table. */
export async function measureReport(attempts: number, runs: number): Promise<Measure[]> {
  const root = await mkdtemp(join(tmpdir(), 'kmatrix-bench-'));
  try {
    const folder = await largeRun(root, attempts);
    const seconds: number[] = [];
    for (let run = 0; run < runs; run++) {
      const started = process.cpuUsage();
      renderMarkdown(await summarise(folder));
      const { user, system } = process.cpuUsage(started);
      seconds.push((user + system) / 1e6);
    }
    return [
      {
        name: `table of ${attempts} attempts`,
        unit: 's',
        value: median(seconds),
        target: { kind: 'at most', ratio: 5 },
      },
    ];
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
