import { connect, type Socket } from 'node:net';
import { constants } from 'node:os';
import process from 'node:process';
import { HostError } from '../errors.js';
import { machineDescriptors } from './command-line.js';
import type { QemuProcess } from './launch.js';
import { LineSplitter } from './line-splitter.js';

type Ended = Awaited<QemuProcess['ended']>;

/** The process that is copied, and the line over which copies are asked for. */
interface Original {
  readonly process: QemuProcess;
  readonly control: Socket;
}

/**
 * Copies of one QEMU process, by the library that it is started with (images/fork-server/server.c, which has the protocol).
 * Copies end with the process that they were made of.
 */
export class ForkServer implements Disposable {
  /** What the QEMU to be copied is started with, and no program before it in its command line. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #lines = new LineSplitter({ limitBytes: 256 });
  readonly #living = new Map<number, (ended: Ended) => void>();
  #original: Original | undefined;
  /** Abstract address (unix(7)) that it listens at; undefined until it has said so. */
  #address: string | undefined;
  /** Who waits for the copy that is being made; those asked for later wait for this one. */
  #answer:
    | { readonly resolve: (pid: number) => void; readonly reject: (error: HostError) => void }
    | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #gone: HostError | undefined;

  /** @param library path, see buildForkLibrary */
  constructor(library: string) {
    this.environment = { LD_PRELOAD: library, KMATRIX_FORK_SERVER: String(machineDescriptors.forkServer) };
  }

  attach(process: QemuProcess, control: Socket): void {
    this.#original = { process, control };
    control.on('data', (chunk: Buffer) => {
      for (const line of this.#lines.push(chunk)) this.#hear(line.toString('latin1'));
    });
    control.on('error', () => {});
    control.once('close', () => this.#end(`QEMU ended: ${process.stderr().trim() || 'it said nothing'}`));
  }

  /**
   * A new process that goes on where the original was stopped (`stop` of QMP), and is stopped as well. The original never
   * runs again after the first.
   *
   * @throws HostError where it can't be copied
   */
  async copy(): Promise<QemuProcess> {
    this.#waiting += 1;
    const copy = this.#turn.then(() => this.#copy());
    this.#turn = copy.catch(() => {});
    try {
      return await copy;
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Whether copies live, or are asked for. */
  get isInUse(): boolean {
    return this.#waiting + this.#living.size > 0;
  }

  [Symbol.dispose](): void {
    this.#end('it is no longer wanted');
  }

  async #copy(): Promise<QemuProcess> {
    if (this.#gone) throw this.#gone;
    const { control, process } = this.#original ?? {};
    const path = this.#address;
    if (!control || !process || path === undefined) {
      throw this.#refuse('QEMU did not load the library for it (is it linked statically?)');
    }
    const [console, channel, qmp] = [connected(path), connected(path), connected(path)] as const;
    const answer = new Promise<number>((resolve, reject) => {
      this.#answer = { resolve, reject };
    });
    const timer = setTimeout(() => this.#refuse(`nothing in ${copySeconds} s`), copySeconds * 1000);
    try {
      control.write('f');
      const pid = await answer;
      return { console, channel, qmp, ...this.#processOf(pid, process) };
    } catch (error) {
      for (const socket of [console, channel, qmp]) socket.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
      this.#answer = undefined;
    }
  }

  #processOf(pid: number, original: QemuProcess): Omit<QemuProcess, 'console' | 'channel' | 'qmp'> {
    return {
      pid,
      ended: new Promise((resolve) => this.#living.set(pid, resolve)),
      // once it was waited for, its number may be another's
      kill: () => void (this.#living.has(pid) && kill(pid)),
      // they write to the same one
      stderr: original.stderr,
    };
  }

  #hear(line: string): void {
    const [word, first = '', second = ''] = line.split(' ');
    if (word === 'ready') this.#address = `\0${first}`;
    if (word === 'forked') this.#answer?.resolve(Number(first));
    if (word === 'refused') this.#refuse(`${first}: ${errorName(Number(second))}`);
    if (word === 'ended') {
      const tell = this.#living.get(Number(first));
      this.#living.delete(Number(first));
      tell?.(decoded(Number(second)));
    }
  }

  /** No more copies; those that live are nobody's fault. */
  #refuse(reason: string): HostError {
    this.#gone ??= new HostError(`a machine can't be copied: ${reason}`, {
      remedy: '--boot template does without copies',
    });
    this.#answer?.reject(this.#gone);
    return this.#gone;
  }

  #end(reason: string): void {
    this.#refuse(reason);
    this.#original?.process.kill();
    // the kernel has sent them SIGKILL (PR_SET_PDEATHSIG), or does now
    for (const tell of this.#living.values()) tell({ exitCode: null, signal: 'SIGKILL' });
    this.#living.clear();
  }
}

/** 2 ms of work, on a host that may be busy with other things. */
const copySeconds = 60;

function connected(path: string): Socket {
  const socket = connect(path);
  // a broken line only repeats what the process's end says
  socket.on('error', () => {});
  return socket;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}

/** A status of wait(2). */
function decoded(status: number): Ended {
  const number = status & 0x7f;
  if (number === 0) return { exitCode: (status >> 8) & 0xff, signal: null };
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0];
  return { exitCode: null, signal: name ?? `signal ${number}` };
}

const errorName = (number: number): string =>
  Object.entries(constants.errno).find(([, value]) => value === number)?.[0] ?? `errno ${number}`;
