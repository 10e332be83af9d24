import type { RunStore } from '../results/index.js';
import { bootsUnder } from '../schedule/boots-under.js';
import { LocalRunner, type LocalRunnerOptions } from '../schedule/local-runner.js';
import { type Capacity, type RunParts, runMatrix, type Work } from '../schedule/run-matrix.js';
import type { Attempt, MachineHost, Runner } from '../schedule/types.js';
import type { AcceleratorName } from '../vm/index.js';
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
  const runnerUnder = (accelerator: AcceleratorName): LocalRunner =>
    new LocalRunner({ ...host, accelerator }, { ...run.runner, signal });
  const isOnTrial = mayFallBack && host.accelerator === 'kvm';
  const attempt = isOnTrial ? await firstKnownGood(work, parts, signal) : undefined;
  const under =
    attempt === undefined
      ? host.accelerator
      : await proveKvm({ attempt, runnerUnder, store, emit: parts.emit, signal });
  await using runner = runnerUnder(under);
  const asked: Runner =
    isOnTrial && under === 'kvm'
      ? new RowsUnderKvm(runner, {
          bootsUnderTcg: (failed, ends) => bootsUnder(failed, { ...host, accelerator: 'tcg' }, ends),
          onFinding: async (kernel, reason) => {
            await store.noteOnlyTcgBoots(kernel, reason);
            parts.emit({ type: 'only-tcg-boots', kernel, reason });
          },
        })
      : runner;
  await runMatrix(
    { ...work, keys: work.keys.filter((key) => key !== attempt?.key) },
    { ...parts, runner: asked, record: ({ result, console }) => store.append(result, console) },
    capacity,
    signal,
  );
}

/** The first attempt of the first known-good control that there is an image for, of those that are left to run. */
async function firstKnownGood(
  { cells, keys }: Work,
  { prepare }: Pick<RunParts, 'prepare'>,
  signal: AbortSignal,
): Promise<Attempt | undefined> {
  for (const key of keys) {
    const cell = cells.get(key.cell);
    if (cell?.role !== 'known-good') continue;
    const image = await prepare(cell, signal);
    if (!('unavailable' in image)) return { key, cell, image };
  }
  return undefined;
}
