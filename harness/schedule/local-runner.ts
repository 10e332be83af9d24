import { AgentSession } from '../guest/index.js';
import { awaitProgress, Machine } from '../vm/index.js';
import { attemptResult } from './attempt-result.js';
import { type Course, runCourse } from './course.js';
import type { Attempt, FinishedAttempt, MachineHost, Runner, RunnerOptions } from './types.js';

/** Runs attempts in QEMU on this host: one machine an attempt, ended whatever happens. */
export class LocalRunner implements Runner {
  readonly #host: MachineHost;

  constructor(host: MachineHost) {
    this.#host = host;
  }

  async run(attempt: Attempt, options: RunnerOptions): Promise<FinishedAttempt> {
    const { image, cell } = attempt;
    const startedAt = new Date().toISOString();
    const began = performance.now();
    await using machine = await Machine.start(
      {
        qemu: this.#host.qemu,
        accelerator: this.#host.accelerator,
        bzImage: image.kernel.bzImage,
        initramfs: image.initramfs,
        shape: cell.workload.machine,
        bootArguments: [...cell.kernel.bootArguments, ...cell.boot.arguments],
      },
      { signal: options.signal },
    );
    const session = new AgentSession(machine.channel);
    const course: Course = await runCourse(attempt, machine, session, this.#host, options);
    // a QEMU that closed its lines is going by itself; how it went is lost where it is killed on the way
    if (machine.channel.ended) await awaitProgress(machine.exit, () => 0, goingLimits, options);
    const exit = await machine.end();
    const console = machine.console.text();
    const seconds = (performance.now() - began) / 1000;
    return {
      console,
      result: attemptResult({ attempt, startedAt, seconds, session, course, exit, console }),
    };
  }
}

/** Closing the lines is the last thing a QEMU does; one that a guest has taken over may close them and stay. */
const goingLimits = { totalSeconds: 5, quietSeconds: 5 };
