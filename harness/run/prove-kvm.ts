import { join } from 'node:path';
import { expectedOutcome } from '../diagnosis/index.js';
import { HostError, StartError } from '../errors.js';
import type { RunStore } from '../results/index.js';
import { failedStartResult } from '../schedule/failed-start-result.js';
import { neverReady } from '../schedule/never-ready.js';
import type { Attempt, AttemptState, FinishedAttempt, RunEvent, Runner } from '../schedule/types.js';
import type { AcceleratorName } from '../vm/types.js';

export interface KvmTrial {
  /** The known-good control's first. */
  readonly attempt: Attempt;
  readonly runnerUnder: (accelerator: AcceleratorName) => Runner & AsyncDisposable;
  readonly store: Pick<RunStore, 'append' | 'beginSession' | 'discardSession' | 'folder' | 'session'>;
  readonly emit: (event: RunEvent) => void;
  readonly signal: AbortSignal;
}

/**
 * Has a KVM that passed its probe boot the known-good control's kernel, before anything else is asked of it: that attempt runs and
 * is recorded. Where the machine is never ready, the attempt is made once under TCG. If that gets ready, the rest of the run is TCG's, in
 * a session of its own, and KVM's is discarded: it stays in the store and counts nowhere.
 *
 * @returns what the rest of the run goes on under
 * @throws HostError where the machine is ready under neither; the signal's reason
 */
export async function proveKvm(trial: KvmTrial): Promise<AcceleratorName> {
  const { attempt, store, emit } = trial;
  const { id: kernel } = attempt.cell.kernel;
  emit({ type: 'attempt-started', key: attempt.key, cell: attempt.cell });
  const kvm = await runUnder('kvm', trial);
  if (!neverReady(kvm.result)) {
    await keep(kvm, trial);
    return 'kvm';
  }
  await store.append(kvm.result, kvm.console);
  const tcg = await runUnder('tcg', trial);
  const boots = !neverReady(tcg.result);
  const reason = `${kernel} is never ready under KVM: ${kvm.result.reason}`;
  const { id, startedAt: _s, endedAt: _e, discarded: _d, host: _h, ...facts } = store.session;
  await store.discardSession(id, reason);
  await store.beginSession({ ...facts, accelerator: { name: 'tcg', reason } });
  if (boots) emit({ type: 'kvm-dropped', reason });
  await keep(tcg, trial);
  if (boots) return 'tcg';
  throw new HostError(
    `the known-good control's kernel, ${kernel}, is ready neither under KVM nor under TCG: ${tcg.result.reason}`,
    {
      where: join(store.folder, 'consoles'),
      remedy: `read its two consoles there; kmatrix images verify checks its files, kmatrix doctor this host, and kmatrix shell ${kernel} boots it by itself`,
    },
  );
}

async function runUnder(
  accelerator: AcceleratorName,
  { attempt, runnerUnder, emit, signal }: KvmTrial,
): Promise<FinishedAttempt> {
  await using runner = runnerUnder(accelerator);
  const onState = (state: AttemptState, iterations: number): void =>
    emit({ type: 'attempt-state', key: attempt.key, state, iterations });
  // a template of a machine that is never ready would be booted for nothing first
  const cold = { ...attempt, cell: { ...attempt.cell, cold: true } };
  // one bad start says nothing of the next
  for (let tries = 1; ; tries++) {
    try {
      return await runner.run(cold, { signal, onState });
    } catch (error) {
      if (!(error instanceof StartError)) throw error;
      if (tries === 2) return { result: failedStartResult(attempt, error), console: '' };
    }
  }
}

async function keep({ result, console }: FinishedAttempt, { attempt, store, emit }: KvmTrial): Promise<void> {
  await store.append(result, console);
  const expected = expectedOutcome(attempt.cell, result);
  emit({ type: 'attempt-finished', key: result.key, result, expected });
}
