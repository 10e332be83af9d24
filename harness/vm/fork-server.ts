import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { constants } from 'node:os';
import process from 'node:process';
import { HostError, messageOf } from '../errors.js';
import { machineDescriptors } from './command-line.js';
import type { QemuProcess } from './launch.js';
import { LineSplitter } from './line-splitter.js';

type Ended = Awaited<QemuProcess['ended']>;

/** The process that is copied, and the line over which copies are asked for. */
interface Original {
  readonly process: QemuProcess;
  readonly control: Socket;
}

/** A copy that was made; `ended` is known from then on, since it may end before anybody asks. */
interface Made {
  readonly pid: number;
  readonly ended: Promise<Ended>;
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
    | { readonly resolve: (made: Made) => void; readonly reject: (error: HostError) => void }
    | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #gone: HostError | undefined;

  /** @param library path of what buildForkLibrary gives; LD_PRELOAD takes one with spaces or colons for several */
  constructor(library: string) {
    const preloaded = [library, process.env.LD_PRELOAD].filter(Boolean).join(' ');
    this.environment = { LD_PRELOAD: preloaded, KMATRIX_FORK_SERVER: String(machineDescriptors.forkServer) };
  }

  attach(process: QemuProcess, control: Socket): void {
    this.#original = { process, control };
    control.on('data', (chunk: Buffer) => {
      for (const line of this.#lines.push(chunk)) this.#hear(line.toString('latin1'));
    });
    control.on('error', () => {});
    control.once('close', () => this.#end('QEMU ended'));
  }

  /**
   * A new process that goes on where the original was stopped (`stop` of QMP), and is stopped as well. The original never
   * runs again after the first.
   *
   * @throws HostError where it can't be copied, now or ever again
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
    if (!control || !process || path === undefined)
      throw this.#refuse('QEMU did not load the library for it');
    const sockets = [connect(path), connect(path), connect(path)] as const;
    // from here on a broken line only repeats what the process's end says
    for (const socket of sockets) socket.on('error', () => {});
    const timer = setTimeout(() => this.#refuse(`nothing in ${copySeconds} s`), copySeconds * 1000);
    try {
      await Promise.all(sockets.map((socket) => once(socket, 'connect'))).catch((error: unknown) => {
        // what did connect would be taken for the next copy's
        throw this.#refuse(messageOf(error));
      });
      if (this.#gone) throw this.#gone;
      const answer = new Promise<Made>((resolve, reject) => {
        this.#answer = { resolve, reject };
      });
      control.write('f');
      const [console, channel, qmp] = sockets;
      return { console, channel, qmp, ...this.#processOf(await answer, process) };
    } catch (error) {
      for (const socket of sockets) socket.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
      this.#answer = undefined;
    }
  }

  #processOf({ pid, ended }: Made, original: QemuProcess): Omit<QemuProcess, 'console' | 'channel' | 'qmp'> {
    const before = original.stderr().length;
    return {
      pid,
      ended,
      // its number may be another's as soon as the server has waited for it, which we hear a moment later
      kill: () => void (this.#living.has(pid) && kill(pid)),
      // copies share it: a line may be another's
      stderr: () => original.stderr().slice(before),
    };
  }

  #hear(line: string): void {
    const [word, first = '', second = ''] = line.split(' ');
    const pid = Number(first);
    if (word === 'ready') {
      this.#address = `\0${first}`;
    } else if (word === 'forked') {
      const ended = new Promise<Ended>((resolve) => this.#living.set(pid, resolve));
      if (this.#answer) this.#answer.resolve({ pid, ended });
      else kill(pid);
    } else if (word === 'ended') {
      const tell = this.#living.get(pid);
      this.#living.delete(pid);
      tell?.(decoded(Number(second)));
      this.#endIfGone();
    } else if (word === 'refused') {
      this.#refuse(`${first}: ${errorName(Number(second))}`);
    }
  }

  /** No more copies; those that live are nobody's fault, and the original stays for them. */
  #refuse(reason: string): HostError {
    const words = this.#original?.process.stderr().trim() ?? '';
    this.#gone ??= new HostError(`a machine can't be copied: ${reason}${words && `; QEMU says: ${words}`}`, {
      remedy: '--start template works without copies',
    });
    this.#answer?.reject(this.#gone);
    this.#endIfGone();
    return this.#gone;
  }

  #endIfGone(): void {
    if (this.#gone && this.#living.size === 0) this.#original?.process.kill();
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
