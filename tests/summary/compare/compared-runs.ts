import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { AttemptResult } from '../../../harness/attempt/types.js';
import type { Outcome } from '../../../harness/matrix/types.js';
import { RunStore } from '../../../harness/results/run-store.js';
import { compareRuns } from '../../../harness/summary/compare/compare-runs.js';
import type { Start } from '../../../harness/templates/opened.js';
import { aCell, anAttempt, aReport, aRun } from '../../results/made-up-run.js';

export const cell = aCell('vanilla-3.2', 'pidns-exec', { attempts: 20 });
export const control = aCell('debian-6.1', 'burn', { role: 'known-good' });

/** A run in which the first `failing` of 20 attempts of one cell oops, each a little later than the one before. */
export async function aRunWith(failing: number, start: Start, knownIssue: string | null = '#407') {
  const root = await mkdtemp(join(tmpdir(), 'kmatrix-'));
  t.teardown(() => rm(root, { recursive: true }));
  const run = await RunStore.create(root, aRun([cell, control]));
  for (let index = 0; index < 20; index++) {
    const fails = index < failing;
    const outcome: Outcome = fails ? 'oops' : 'stable';
    const reports = fails ? [aReport({ knownIssue, signature: `oops:victim${index % 2}` })] : [];
    await run.append(
      anAttempt(cell.id, index, outcome, {
        start,
        reports,
        decisive: fails ? 0 : null,
        secondsToReport: fails ? 1 + index / 10 : null,
        iterations: index,
      }),
      '',
    );
  }
  await run.append(anAttempt(control.id, 0, 'stable', { start }), '');
  await run.close();
  return run.folder;
}

/**
 * A run of these cells: what the first `failing` attempts of each end in (the rest are stable), the known issue of an oops, and
 * the signature of a report.
 */
export async function aNight(
  ends: Readonly<Record<string, readonly [Outcome | 'pending', (string | null)?, string?, string?]>>,
  attempts = 1,
  failing = attempts,
  over: Partial<AttemptResult> = {},
) {
  const root = await mkdtemp(join(tmpdir(), 'kmatrix-'));
  t.teardown(() => rm(root, { recursive: true }));
  const cells = Object.keys(ends).map((kernel) => aCell(kernel, 'pidns-exec', { attempts }));
  const run = await RunStore.create(root, aRun(cells));
  for (const [
    kernel,
    [outcome, knownIssue = null, reason = `it was ${outcome}`, signature],
  ] of Object.entries(ends)) {
    if (outcome === 'pending') continue;
    const named = signature === undefined ? {} : { signature };
    const reports = outcome === 'oops' || signature ? [aReport({ knownIssue, ...named })] : [];
    for (let index = 0; index < attempts; index++) {
      const fails = index < failing;
      await run.append(
        anAttempt(
          `${kernel}/pidns-exec`,
          index,
          fails ? outcome : 'stable',
          fails ? { reports, decisive: outcome === 'oops' ? 0 : null, reason, ...over } : {},
        ),
        '',
      );
    }
  }
  await run.close();
  return run.folder;
}

export const compared = async (...[one, other]: Parameters<typeof aNight>[0][]) =>
  compareRuns(await aNight(one ?? {}), await aNight(other ?? {}));
