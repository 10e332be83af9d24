import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RunStore } from '../../harness/results/run-store.js';
import { aCell, anAttempt, aReport, aRun } from '../results/made-up-run.js';

/** A run of one cell with that many attempts, of which every tenth met the same oops with twelve frames. */
export async function largeRun(root: string, attempts: number): Promise<string> {
  const cell = aCell('vanilla-3.2', 'lifecycle', { attempts });
  const run = await RunStore.create(root, aRun([cell]));
  await run.close();
  const frames = Array.from({ length: 12 }, () => aReport().frames).flat();
  const failing = { reports: [aReport({ frames })], decisive: 0, secondsToReport: 1 };
  let lines = '';
  for (let index = 0; index < attempts; index++) {
    const result =
      index % 10 === 0 ? anAttempt(cell.id, index, 'oops', failing) : anAttempt(cell.id, index, 'stable');
    lines += `${JSON.stringify({ ...result, console: '' })}\n`;
  }
  // not through the store, which waits for the disk after each
  await appendFile(join(run.folder, 'attempts.jsonl'), lines);
  return run.folder;
}
