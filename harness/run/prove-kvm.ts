import { join } from 'node:path';
import { neverReady } from '../attempt/attempt-result.js';
import { failedStartResult } from '../attempt/failed-start-result.js';
import type { Attempt, AttemptState, FinishedAttempt, Runner } from '../attempt/types.js';
import { expectedOutcome } from '../diagnosis/expectation.js';
import { HostError, StartError } from '../errors.js';
import type { RunStore } from '../results/run-store.js';
import type { RunEvent } from '../schedule/types.js';
import type { AcceleratorName } from '../vm/types.js';
import type { OnTrial } from './kvm-trial.js';

export interface KvmProof {
  readonly trial: OnTrial;
  readonly runnerUnder: (accelerator: AcceleratorName) => Runner & AsyncDisposable;
  /** Whether the machine of an attempt that isn't the run's to make comes to READY. */
  readonly boots: (attempt: Attempt, accelerator: AcceleratorName) => Promise<boolean>;
  readonly store: Pick<
    RunStore,
    'append' | 'beginSession' | 'discardSession' | 'finished' | 'folder' | 'session'
  >;
  readonly emit: (event: RunEvent) => void;
  readonly signal: AbortSignal;
}

/** What the rest of a run goes on under; and whether a machine came to READY under it, which one may be held against. */
export interface Proven {
  readonly under: AcceleratorName;
  readonly isProven: boolean;
}

/**
 * Has a KVM that passed its probe boot a kernel before anything else is asked of it: the known-good control's, whose attempt runs and is
 * recorded where it is left to run. Where the machine is never ready, it is started once under TCG. If that gets ready, the rest of the
 * run is TCG's, in a session of its own. What failed under KVM is in a session that is discarded before anything else is tried, so that
 * no interruption makes it count.
 *
 * @throws HostError where the known-good control is ready under neither, and where earlier attempts of the run were made under a KVM
 *   that is no longer sound: both kinds together would be no attempts of the same thing. The signal's reason
 */
export async function proveKvm(proof: KvmProof): Promise<Proven> {
  const { trial, store, emit } = proof;
  const { attempt, isRecorded } = trial;
  const { id: kernel } = attempt.cell.kernel;
  if (isRecorded) emit({ type: 'attempt-started', key: attempt.key, cell: attempt.cell });
  const kvm = await tryUnder('kvm', proof);
  if (kvm.boots) {
    await keep(kvm.finished, proof);
    return { under: 'kvm', isProven: true };
  }
  const reason = `${kernel} is never ready under KVM${kvm.finished ? `: ${kvm.finished.result.reason}` : ''}`;
  const isResumed = (await store.finished()).size > 0;
  const facts = factsOf(store);
  if (isRecorded || isResumed) await setAside(kvm.finished, reason, proof);
  if (isResumed) throw noLongerSound(reason, store.folder);
  const tcg = await tryUnder('tcg', proof);
  // of a kernel that nobody vouches for this is no news about the host
  if (!tcg.boots && !trial.isKnownGood) return { under: 'kvm', isProven: false };
  if (!isRecorded) await setAside(undefined, reason, proof);
  await store.beginSession({ ...facts, accelerator: { name: 'tcg', reason } });
  if (!tcg.boots) {
    const neither = 'becomes ready neither under KVM nor under TCG';
    await setAside(tcg.finished, `${kernel} ${neither}`, proof);
    throw new HostError(
      `the known-good control's kernel, ${kernel}, ${neither}${tcg.finished ? `: ${tcg.finished.result.reason}` : ''}`,
      {
        where: join(store.folder, 'consoles'),
        remedy: `read its consoles there; kmatrix images verify checks its files, kmatrix doctor this host, and kmatrix shell ${kernel} boots it by itself`,
      },
    );
  }
  emit({ type: 'kvm-dropped', reason });
  await keep(tcg.finished, proof);
  return { under: 'tcg', isProven: true };
}

/** How a trial went; with the attempt, where it is one that the run has to make. */
interface Tried {
  readonly boots: boolean;
  readonly finished?: FinishedAttempt;
}

async function tryUnder(accelerator: AcceleratorName, proof: KvmProof): Promise<Tried> {
  const { trial, boots } = proof;
  if (!trial.isRecorded) return { boots: await boots(trial.attempt, accelerator) };
  const finished = await runUnder(accelerator, proof);
  return { boots: !neverReady(finished.result), finished };
}

async function runUnder(
  accelerator: AcceleratorName,
  { trial: { attempt }, runnerUnder, emit, signal }: KvmProof,
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

/** From now on nothing of the session that goes on counts. */
async function setAside(
  finished: FinishedAttempt | undefined,
  reason: string,
  { store }: Pick<KvmProof, 'store'>,
): Promise<void> {
  await store.discardSession(store.session.id, reason);
  if (finished) await store.append(finished.result, finished.console);
}

function factsOf({ session }: KvmProof['store']) {
  const { id: _i, startedAt: _s, endedAt: _e, discarded: _d, host: _h, ...facts } = session;
  return facts;
}

const noLongerSound = (reason: string, where: string): HostError =>
  new HostError(`the run's attempts so far were made under KVM, and now ${reason}`, {
    where,
    remedy: 'kmatrix doctor --forget probes KVM again; resume where KVM works, or start a new run',
  });

async function keep(finished: FinishedAttempt | undefined, { trial, store, emit }: KvmProof): Promise<void> {
  if (finished === undefined) return;
  const { result, console } = finished;
  await store.append(result, console);
  const expected = expectedOutcome(trial.attempt.cell, result);
  emit({ type: 'attempt-finished', key: result.key, result, expected });
}
