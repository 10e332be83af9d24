import { neverReady } from '../schedule/never-ready.js';
import type { Attempt, FinishedAttempt, Runner, RunnerOptions } from '../schedule/types.js';

export interface RowsUnderKvmOptions {
  /** Whether the attempt's machine comes to READY under TCG; called once per kernel row. */
  readonly bootsUnderTcg: (attempt: Attempt, signal: AbortSignal) => Promise<boolean>;
  /** Called once per kernel row that only TCG boots, with what happened under KVM. */
  readonly onFinding: (kernel: string, reason: string) => Promise<void>;
}

/**
 * Runs attempts under a KVM that has booted the known-good control's kernel. A kernel that is never ready under it is started once
 * under TCG: where that boots it, this is a finding about its row. Its attempts count as they ended.
 */
export class RowsUnderKvm implements Runner {
  readonly #inner: Runner;
  readonly #options: RowsUnderKvmOptions;
  readonly #looks = new Map<string, Promise<void>>();

  constructor(inner: Runner, options: RowsUnderKvmOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  async run(attempt: Attempt, options: RunnerOptions): Promise<FinishedAttempt> {
    const finished = await this.#inner.run(attempt, options);
    if (!neverReady(finished.result)) return finished;
    const { id } = attempt.cell.kernel;
    const look = this.#looks.get(id) ?? this.#look(attempt, finished.result.reason, options.signal);
    this.#looks.set(id, look);
    await look;
    return finished;
  }

  memoryMiB(attempt: Attempt): number {
    return this.#inner.memoryMiB(attempt);
  }

  expect(attempts: readonly Attempt[]): void {
    this.#inner.expect?.(attempts);
  }

  async #look(attempt: Attempt, reason: string, signal: AbortSignal): Promise<void> {
    if (await this.#options.bootsUnderTcg(attempt, signal))
      await this.#options.onFinding(attempt.cell.kernel.id, reason);
  }
}
