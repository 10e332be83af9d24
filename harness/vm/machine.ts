import { z } from 'zod';
import { StartError } from '../errors.js';
import { kernelText } from '../host/kernel-text.js';
import { commandLine, type ExecutionLog, type MemoryBacking } from './command-line.js';
import { machineExit } from './exit.js';
import type { ForkServer } from './fork-server.js';
import { launchQemu, type QemuProcess } from './launch.js';
import { enterMachine } from './live-machines.js';
import { MachineClock, type MachineClockOptions } from './machine-clock.js';
import { Qmp, QmpError } from './qmp.js';
import { quitMachine } from './quit.js';
import { type Registers, readRegisters } from './registers.js';
import { SerialPort, type SerialPortLimits } from './serial-port.js';
import { Starvation } from './starvation.js';
import type { MachineExit, MachineSpec } from './types.js';

export interface MachineOptions {
  /** Kills the machine when aborted, at any time of its life. */
  readonly signal?: AbortSignal | undefined;
  readonly memory?: MemoryBacking;
  /** File of a saved state, which the machine waits to be restored from (restoreState) instead of booting. */
  readonly stateFile?: string;
  /** Makes copies of the machine later (copyOf). */
  readonly forkServer?: ForkServer;
  readonly executionLog?: ExecutionLog | undefined;
  /** How much of the console is kept; 8 MiB where nothing is said. */
  readonly consoleLimits?: SerialPortLimits;
  /** How long QEMU may take until it takes commands (Qmp's openSeconds). */
  readonly startSeconds?: number;
  /** More QEMU arguments, after kmatrix's own. */
  readonly extraArguments?: readonly string[];
}

interface ProcessOptions extends Pick<MachineOptions, 'signal' | 'consoleLimits' | 'startSeconds'> {
  readonly startedAt: number;
  /** Of a machine that ran: its QMP takes commands already, and all its memory is anonymous. */
  readonly isCopy: boolean;
}

/**
 * A QEMU process and the three lines to it. It ends with the block that holds it (`await using`), with its signal, or with
 * this process; nothing of it stays on the host.
 */
export class Machine implements AsyncDisposable {
  /** ttyS0: the kernel's own words. It is read from the start; subscribe to it, or take text() for what came before. */
  readonly console: SerialPort;
  /** ttyS1: the guest's agent. */
  readonly channel: SerialPort;
  readonly qmp: Qmp;
  /** How it ended, after both serial ports were read to their end. Never rejects. */
  readonly exit: Promise<MachineExit>;
  readonly pid: number | undefined;
  /** performance.now() of the moment before the process was asked for. */
  readonly startedAt: number;
  readonly #process: QemuProcess;
  readonly #isCopy: boolean;
  #killedByUs = false;
  #askedToQuit = false;
  #shutdownReason: string | null = null;

  /**
   * Starts a machine and returns it once QEMU takes commands; the guest boots meanwhile.
   *
   * @throws StartError with QEMU's own words where it ends before that, and where it takes too long; the signal's reason where it
   * is aborted
   */
  static async start(spec: MachineSpec, options: MachineOptions = {}): Promise<Machine> {
    options.signal?.throwIfAborted();
    const machine = Machine.#launch(spec, options);
    const failure = await Promise.race([
      machine.qmp.ready.then(
        () => null,
        (error: unknown) => error,
      ),
      machine.exit,
    ]);
    if (failure === null) return machine;
    if (failure instanceof QmpError && failure.kind === 'Timeout') {
      // its end isn't waited for: what hangs in the kernel doesn't die at once
      machine.kill();
      throw new StartError(`QEMU did not start: it took no commands for ${machine.qmp.openSeconds} s`, {
        where: spec.qemu.binary,
        remedy: 'kmatrix doctor checks this host; --accelerator tcg works without /dev/kvm',
        cause: failure,
      });
    }
    await machine.end();
    options.signal?.throwIfAborted();
    const { stderr, exitCode, signal, how } = await machine.exit;
    // a guest that was through before QMP answered is a machine that ran
    if (how === 'done') return machine;
    throw new StartError(`QEMU did not start: ${stderr.trim() || `it ended with ${signal ?? exitCode}`}`, {
      where: spec.qemu.binary,
      remedy: 'read what QEMU says above; kmatrix doctor checks this host',
      cause: failure instanceof Error ? failure : undefined,
    });
  }

  /**
   * A copy of a machine that was stopped, as it was then; it is stopped, too.
   *
   * @throws HostError where it can't be copied; the signal's reason
   */
  static async copyOf(server: ForkServer, { signal }: Pick<MachineOptions, 'signal'> = {}): Promise<Machine> {
    signal?.throwIfAborted();
    const startedAt = performance.now();
    const machine = new Machine(await server.copy(), { signal, startedAt, isCopy: true });
    if (signal?.aborted) await machine.end();
    signal?.throwIfAborted();
    return machine;
  }

  static #launch(
    spec: MachineSpec,
    { memory, stateFile, forkServer, executionLog, extraArguments = [], ...options }: MachineOptions,
  ): Machine {
    const startedAt = performance.now();
    const [awaitsState, isCopied] = [stateFile !== undefined, forkServer !== undefined];
    const words = [...commandLine(spec, { memory, awaitsState, isCopied, executionLog }), ...extraArguments];
    const launched = launchQemu(spec.qemu.binary, words, { stateFile, forkServer });
    return new Machine(launched, { ...options, startedAt, isCopy: false });
  }

  private constructor(
    launched: QemuProcess,
    { signal, consoleLimits, startSeconds, startedAt, isCopy }: ProcessOptions,
  ) {
    this.startedAt = startedAt;
    this.#process = launched;
    this.#isCopy = isCopy;
    this.pid = launched.pid;
    this.console = new SerialPort(this.#process.console, consoleLimits);
    this.channel = new SerialPort(this.#process.channel, channelLimits);
    this.qmp = new Qmp(this.#process.qmp, { isOpen: isCopy, openSeconds: startSeconds });
    this.qmp.on('event', (name, data) => {
      if (name === 'SHUTDOWN') this.#shutdownReason = String(data.reason);
    });
    const leave = enterMachine(this);
    const abort = () => this.kill();
    signal?.addEventListener('abort', abort, { once: true });
    this.exit = this.#wait().finally(() => {
      signal?.removeEventListener('abort', abort);
      leave();
    });
  }

  /** Asks QEMU to quit, kills it where it doesn't within the grace. */
  quit(graceSeconds = 5): Promise<MachineExit> {
    this.#killedByUs = true;
    this.#askedToQuit = true;
    return quitMachine(this, graceSeconds);
  }

  /** SIGKILL, now. */
  kill(): void {
    this.#killedByUs = true;
    this.#process.kill();
  }

  /** SIGKILL, and waits until nothing is left. */
  end(): Promise<MachineExit> {
    this.kill();
    return this.exit;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end().then(() => undefined);
  }

  /** A non-maskable interrupt on every CPU. */
  async nmi(): Promise<void> {
    await this.qmp.execute('inject-nmi');
  }

  /**
   * SysRq over the console: a break and then the key. The kernel listens only while something in the guest has the console
   * open (uart_handle_break), and only to the next five seconds.
   */
  async sysrq(key: string): Promise<void> {
    await this.qmp.execute('chardev-send-break', { id: 'console' });
    this.console.write(key);
  }

  registers(): Promise<Registers> {
    return readRegisters(this.qmp);
  }

  /** What the host keeps from this machine, from now on. */
  starvation(): Starvation {
    return new Starvation(this.pid);
  }

  /** A clock that stands still while the host keeps this machine from running. */
  clock(options: Pick<MachineClockOptions, 'forgivenSeconds'> = {}): MachineClock {
    return new MachineClock(this.starvation(), options);
  }

  /**
   * MiB of host memory that nobody else shares, about: of a template's RAM a page becomes anonymous when it is written to
   * (RssAnon in /proc/PID/status, proc(5), good to some pages a thread). Of a copied process all pages are anonymous, and
   * smaps_rollup says which are its own, for which it walks all page tables. RAM that lives in a shared file doesn't count. Null
   * once the process has ended.
   */
  privateMiB(): number | null {
    const [file, pattern] = this.#isCopy
      ? (['smaps_rollup', /^Private_(?:Clean|Dirty):\s+(\d+) kB$/gm] as const)
      : (['status', /^RssAnon:\s+(\d+) kB$/gm] as const);
    const found = [...kernelText(`/proc/${this.pid}/${file}`).matchAll(pattern)];
    return found.length === 0 ? null : found.reduce((sum, [, kib]) => sum + Number(kib) / 1024, 0);
  }

  /** Whether QEMU lets the guest run, as opposed to paused, crashed or ended. */
  async isRunning(): Promise<boolean> {
    return runState.parse(await this.qmp.execute('query-status')).running;
  }

  async #wait(): Promise<MachineExit> {
    const { exitCode, signal } = await this.#process.ended;
    await Promise.all([this.console, this.channel, this.qmp].map((line) => ended(line)));
    return machineExit({
      exitCode,
      signal,
      stderr: this.#process.stderr(),
      shutdownReason: this.#shutdownReason,
      killedByUs: this.#killedByUs,
      askedToQuit: this.#askedToQuit,
    });
  }
}

/** Frames are taken as they come; the transcript is for looking at a broken conversation only. */
const channelLimits: SerialPortLimits = { headBytes: 64 * 1024, tailBytes: 64 * 1024 };

const runState = z.object({ running: z.boolean() });

const ended = (line: SerialPort | Qmp): Promise<void> =>
  new Promise((resolve) => {
    if (line.ended) resolve();
    else line.once('end', resolve);
  });
