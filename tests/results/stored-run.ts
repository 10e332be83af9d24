import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';

export { aCell, anAttempt, aReport, aRun } from './made-up-run.js';

/** A folder of runs that goes away with the test. */
export async function runsFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kmatrix-results-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
