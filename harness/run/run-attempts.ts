import { bootsUnder } from '../attempt/boots-under.js';
import { LocalRunner, type LocalRunnerOptions } from '../attempt/local-runner.js';
import type { MachineHost } from '../attempt/machine-host.js';
import type { RunStore } from '../results/run-store.js';
import { type Capacity, type RunParts, runMatrix, type Work } from '../schedule/run-matrix.js';
import type { AcceleratorName } from '../vm/types.js';
import { kvmTrial } from './kvm-trial.js';
import { proveKvm } from './prove-kvm.js';
import { RowsUnderKvm } from './rows-under-kvm.js';

export interface AttemptsToRun {
  readonly work: Work;
  readonly parts: Omit<RunParts, 'runner' | 'record'>;
  readonly host: MachineHost;
  /** Whether the accelerator is our choice, and may be another one. */
  readonly mayFallBack: boolean;
  readonly runner: Omit<LocalRunnerOptions, 'signal'>;
  readonly store: RunStore;
  readonly capacity: Capacity;
}

/**
 * Runs attempts and records them. Where KVM is our choice, it has to boot the known-good control's kernel first.
 *
 * @throws as runMatrix and proveKvm do
 */
export async function runAttempts(
  { work, parts, host, mayFallBack, store, capacity, ...run }: AttemptsToRun,
  signal: AbortSignal,
): Promise<void> {
  const { emit } = parts;
  const runnerUnder = (accelerator: AcceleratorName): LocalRunner =>
    new LocalRunner({ ...host, accelerator }, { ...run.runner, signal });
  const isOnTrial = mayFallBack && host.accelerator === 'kvm';
  const trial = isOnTrial ? await kvmTrial(work, parts, signal) : undefined;
  const { under, isProven } =
    trial === undefined
      ? { under: host.accelerator, isProven: false }
      : await proveKvm({
          ...{ trial, runnerUnder, store, emit, signal },
          boots: (attempt, accelerator) => bootsUnder(attempt, { ...host, accelerator }, signal),
        });
  await using runner = runnerUnder(under);
  // what one kernel can't do says something only where another can
  await using rows =
    isProven && under === 'kvm'
      ? new RowsUnderKvm(runner, {
          bootsUnderTcg: (failed, ends) => bootsUnder(failed, { ...host, accelerator: 'tcg' }, ends),
          onFinding: async (kernel, reason) => {
            await store.noteOnlyTcgBoots(kernel, reason);
            emit({ type: 'only-tcg-boots', kernel, reason });
          },
        })
      : null;
  const made = trial?.isRecorded ? trial.attempt.key : undefined;
  await runMatrix(
    { ...work, keys: work.keys.filter((key) => key !== made) },
    { ...parts, runner: rows ?? runner, record: ({ result, console }) => store.append(result, console) },
    capacity,
    signal,
  );
  await rows?.settled();
}
