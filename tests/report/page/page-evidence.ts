import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Outcome } from '../../../harness/matrix/types.js';
import { RunStore } from '../../../harness/results/run-store.js';
import { aCell, anAttempt, aReport, aRun } from '../../results/made-up-run.js';
import { collect } from './page-of-407.js';

/** A folder that is gone after the test file. */
export async function aFolder(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'kmatrix-'));
  t.teardown(() => rm(root, { recursive: true }));
  return root;
}

/** Controls of a matrix run; they hold where each ends as it is here. */
export const controls = [
  aCell('debian-6.1', 'burn', { role: 'known-good' }),
  aCell('debian-6.1', 'control-lie', { role: 'known-bad', expectation: { outcomes: ['operation-failed'] } }),
];

export async function appendControls(run: RunStore, bad: Outcome = 'operation-failed'): Promise<void> {
  const [good, lie] = controls;
  if (good) await run.append(anAttempt(good.id, 0, 'stable'), '');
  if (lie) await run.append(anAttempt(lie.id, 0, bad), '');
}

/** A run of #407's arms on one stock kernel: how many of `n` attempts fail in each, and whether frames name the bug. */
export async function evidence(
  n: number,
  provoked: number,
  control: number,
  knownIssue: string | null = null,
) {
  const root = await aFolder();
  const thread = aCell('vanilla-3.4', 'pidns-exec', { attempts: n });
  const leader = aCell('vanilla-3.4', 'pidns-exec-leader', { attempts: n });
  const run = await RunStore.create(
    root,
    aRun([...controls, thread, leader, aCell('vanilla-3.4', 'lifecycle')]),
  );
  for (const [cell, failing] of [
    [thread, provoked],
    [leader, control],
  ] as const) {
    for (let index = 0; index < n; index++) {
      const failed = index < failing;
      await run.append(
        anAttempt(cell.id, index, failed ? 'oops' : 'stable', {
          reports: failed ? [aReport({ knownIssue })] : [],
          decisive: failed ? 0 : null,
          secondsToReport: failed ? 2 + index : null,
          iterations: 10 * index,
        }),
        'a console',
      );
    }
  }
  await run.append(anAttempt('vanilla-3.4/lifecycle', 0, 'panic'), '');
  await appendControls(run);
  await run.close();
  return await collect([run.folder]);
}

export const only = async (found: ReturnType<typeof evidence>) => {
  const [kernel] = (await found).kernels;
  const arm = kernel?.trials[0];
  if (kernel === undefined || arm === undefined) throw new Error('no evidence was collected');
  return { kernel, arm };
};
