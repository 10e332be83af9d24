import type { Cell } from '../matrix/types.js';
import { chooseStart } from '../templates/choose-start.js';
import { liveTemplatesMiB } from '../templates/live-templates.js';
import { MachineSource, type Wanted } from '../templates/machine-source.js';
import type { Start, StartMode } from '../templates/opened.js';
import { awaitGoing } from '../vm/await-going.js';
import { attemptResult } from './attempt-result.js';
import { bringFiles } from './bring-files.js';
import type { MachineHost } from './machine-host.js';
import { machineSpec } from './machine-spec.js';
import { runToEnd } from './timeline.js';
import type { Attempt, FinishedAttempt, LocalAttempt, Runner, RunnerOptions } from './types.js';

export interface LocalRunnerOptions {
  /** How machines come to READY where a cell doesn't say otherwise. */
  readonly start: StartMode;
  /** Machines at a time, usually: one more stands by. */
  readonly jobs: number;
  /** A kernel whose attempts can't be started as they were to be, why, and how they are. */
  readonly onRefused: (kernel: string, reason: string, instead: Start) => void;
  /** An attempt ends with its first report: what the machine would still do is not waited for, nor looked into. */
  readonly endAtReport?: boolean | undefined;
  /** Ends what waits for attempts. */
  readonly signal: AbortSignal;
}

/** Runs attempts in QEMU on this host: one machine per attempt, ended whatever happens. */
export class LocalRunner implements Runner, AsyncDisposable {
  readonly #host: MachineHost;
  readonly #start: StartMode;
  readonly #source: MachineSource;
  readonly #endAtReport: boolean;
  /** What machines of a cell had to themselves, by its id: the first four and every sixteenth. */
  readonly #privateMiB = new Map<string, number[]>();

  constructor(host: MachineHost, options: LocalRunnerOptions) {
    const { start, jobs, onRefused, endAtReport = false, signal } = options;
    this.#host = host;
    this.#endAtReport = endAtReport;
    this.#start = start;
    this.#source = new MachineSource({
      standbys: jobs + 1,
      liveTemplatesMiB: liveTemplatesMiB(),
      onRefused,
      signal,
    });
  }

  async run(attempt: Attempt, options: RunnerOptions): Promise<FinishedAttempt> {
    options.signal.throwIfAborted();
    const startedAt = new Date().toISOString();
    const began = performance.now();
    options.onState('boot', 0);
    const local = await this.#host.content.open(attempt);
    const opened = await this.#source.open(this.#wanted(local), options.signal);
    const { machine, earlier } = opened;
    await using ended = machine;
    if (opened.boot.ready !== null) await bringFiles(machine, this.#host.qemu, local, options.signal);
    const timeline = await runToEnd(attempt, opened, options, {
      endAtReport: this.#endAtReport,
      filesBytes: local.files?.bytes ?? 0,
      asksMemory: this.#seen(attempt.cell).length < 4 || attempt.key.index % 16 === 0,
    });
    this.#remember(attempt.cell, timeline.privateMiB);
    await awaitGoing(machine, options.signal);
    const exit = await ended.end();
    const console = earlier + machine.console.text();
    const seconds = (performance.now() - began) / 1000;
    return {
      console,
      result: attemptResult({ attempt, startedAt, seconds, opened, timeline, exit, console }),
    };
  }

  /**
   * A restored or copied machine shares the template's pages with all others and the page cache; what it costs are the pages that it
   * wrote to, which earlier attempts of its cell have shown. Until then, all of its memory.
   */
  memoryMiB({ cell }: Attempt): number {
    const seen = this.#seen(cell);
    const whole = cell.workload.machine.memoryMiB + qemuMiB;
    return seen.length === 0 ? whole : Math.min(whole, Math.ceil(Math.max(...seen) * 1.25));
  }

  expect(attempts: readonly Attempt[]): void {
    // machines stand by for those that are restored: an attempt that wanted the same has been here before
    const wanted = attempts.flatMap((attempt) => {
      const local = this.#host.content.opened(attempt);
      return local === undefined ? [] : this.#wanted({ key: attempt.key, cell: attempt.cell, ...local });
    });
    this.#source.expect(wanted);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#source[Symbol.asyncDispose]();
  }

  /** A machine that ended by itself (a panic, a power-off) has told nothing. */
  #remember(cell: Cell, privateMiB: number | null): void {
    if (privateMiB === null) return;
    this.#privateMiB.set(cell.id, [...this.#seen(cell), privateMiB]);
  }

  #seen = ({ id }: Cell): readonly number[] => this.#privateMiB.get(id) ?? [];

  #wanted(attempt: LocalAttempt): Wanted {
    const { image, cell } = attempt;
    return {
      kernel: cell.kernel.id,
      kernelId: image.kernel.id,
      release: image.kernel.release,
      imageId: image.id,
      start: chooseStart(cell, this.#start, this.#host.accelerator),
      calibrationNs: this.#host.calibrationNs,
      spec: machineSpec(attempt, this.#host),
    };
  }
}

/** QEMU itself, measured with 7.2: 30 to 60 MiB, most of it translated code. */
const qemuMiB = 64;
