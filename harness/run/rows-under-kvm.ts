import { neverReady } from '../attempt/attempt-result.js';
import type { Attempt, FinishedAttempt, Runner, RunnerOptions } from '../attempt/types.js';
import { kernelArgumentsOf } from '../matrix/what-a-cell-asks.js';

export interface RowsUnderKvmOptions {
  /** Whether the attempt's machine comes to READY under TCG; called once per kernel row and row of kernel arguments. */
  readonly bootsUnderTcg: (attempt: Attempt, signal: AbortSignal) => Promise<boolean>;
  /** Called once per kernel row that only TCG boots, with what happened under KVM. */
  readonly onFinding: (kernel: string, reason: string) => Promise<void>;
}

/**
 * Runs attempts under a KVM that has booted a kernel. Another kernel that is never ready under it is started once under TCG, beside
 * the attempts that go on: where that boots it, this is a finding about its row. Its attempts count as they ended.
 */
export class RowsUnderKvm implements Runner, AsyncDisposable {
  readonly #inner: Runner;
  readonly #options: RowsUnderKvmOptions;
  readonly #ended = new AbortController();
  readonly #looks = new Map<string, Promise<void>>();
  readonly #found = new Set<string>();

  constructor(inner: Runner, options: RowsUnderKvmOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  async run(attempt: Attempt, options: RunnerOptions): Promise<FinishedAttempt> {
    const finished = await this.#inner.run(attempt, options);
    const { cell } = attempt;
    const rows = JSON.stringify([cell.kernel.id, kernelArgumentsOf(cell)]);
    if (neverReady(finished.result) && !this.#looks.has(rows)) {
      const look = this.#look(attempt, finished.result.reason);
      // whoever waits for it hears of it
      look.catch(() => {});
      this.#looks.set(rows, look);
    }
    return finished;
  }

  memoryMiB(attempt: Attempt): number {
    return this.#inner.memoryMiB(attempt);
  }

  expect(attempts: readonly Attempt[]): void {
    this.#inner.expect?.(attempts);
  }

  /** Waits for what is still being looked at. @throws what a look or onFinding threw */
  async settled(): Promise<void> {
    await Promise.all(this.#looks.values());
  }

  /** Ends what is still being looked at. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await Promise.allSettled(this.#looks.values());
  }

  async #look(attempt: Attempt, reason: string): Promise<void> {
    const { id } = attempt.cell.kernel;
    if (!(await this.#options.bootsUnderTcg(attempt, this.#ended.signal)) || this.#found.has(id)) return;
    this.#found.add(id);
    await this.#options.onFinding(id, reason);
  }
}
