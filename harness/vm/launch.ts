import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import process from 'node:process';
import { HarnessBug, HostError, messageOf, StartError } from '../errors.js';
import { codeOf } from '../host/file-errors.js';
import { BoundedBytes } from './bounded-bytes.js';
import { machineDescriptors } from './command-line.js';
import { endingWithParent } from './ending-with-parent.js';

/** A QEMU process with its three connections. */
export interface QemuProcess {
  readonly pid: number | undefined;
  readonly console: Socket;
  readonly channel: Socket;
  readonly qmp: Socket;
  readonly kill: () => void;
  /** Never rejects. The exit code is a negative errno where the program couldn't be started. */
  readonly ended: Promise<{ readonly exitCode: number | null; readonly signal: string | null }>;
  /** QEMU's own words so far, bounded. */
  readonly stderr: () => string;
}

/**
 * Starts QEMU with one end of a connected pair of UNIX sockets for each serial port and for QMP: Node makes such a pair
 * for every extra `pipe` of a child, so nothing has a name on the host and nothing is left to clean up.
 *
 * @throws StartError where this process has no descriptors left for it
 */
export function launchQemu(
  binary: string,
  words: readonly string[],
  { stateFile, forkServer }: LaunchOptions = {},
): QemuProcess {
  const variables = Object.entries(forkServer?.environment ?? {});
  const settings = variables.map(([name, value]) => `${name}=${value}`);
  // not for what comes before QEMU: that would be copied, too
  const program = settings.length === 0 ? [binary] : ['env', ...settings, binary];
  const [first, ...rest] = endingWithParent([...program, ...words]);
  const state = stateFile === undefined ? 'ignore' : openState(stateFile);
  const child = spawned(first, rest, [state, forkServer ? 'pipe' : 'ignore']);
  const words64k = new BoundedBytes({ headBytes: 32 * 1024, tailBytes: 32 * 1024 });
  child.on('error', ({ message }) => words64k.append(Buffer.from(message)));
  // typed as always there; Node leaves it out where it is out of files
  const ends: readonly unknown[] | undefined = child.stdio;
  if (ends === undefined) throw outOfFiles(binary);
  child.stderr?.on('data', (chunk: Buffer) => words64k.append(chunk));
  const launched: QemuProcess = {
    pid: child.pid,
    console: duplex(ends[machineDescriptors.console]),
    channel: duplex(ends[machineDescriptors.channel]),
    qmp: duplex(ends[machineDescriptors.qmp]),
    kill: () => void child.kill('SIGKILL'),
    ended: endOf(child),
    stderr: () => words64k.text(),
  };
  forkServer?.attach(launched, duplex(ends[machineDescriptors.forkServer]));
  return launched;
}

export interface LaunchOptions {
  /** What a machine that doesn't boot is restored from; QEMU gets it opened. */
  readonly stateFile?: string | undefined;
  /** Makes copies of the process later (ForkServer). */
  readonly forkServer?: Companion | undefined;
}

/** What lives in QEMU's process beside QEMU: it asks for variables of the environment, and has a connection of its own. */
interface Companion {
  readonly environment: Readonly<Record<string, string>>;
  attach(launched: QemuProcess, connection: Socket): void;
}

/** An opening of its own, since machines that share one would share its position. */
function openState(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    if (codeOf(cause) === 'EMFILE') throw outOfFiles(path);
    throw new HostError(`a saved state can’t be opened: ${messageOf(cause)}`, { where: path, cause });
  }
}

/** Not execa, which would cost a quarter of what this process spends on an attempt. Closes `more`, of which QEMU has its own. */
function spawned(
  program: string,
  words: readonly string[],
  more: readonly (number | 'ignore' | 'pipe')[],
): ChildProcess {
  try {
    return spawn(program, words, {
      env: withHugePages(process.env),
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', 'pipe', ...more],
      // A session of its own: Ctrl-C in a terminal is for kmatrix, which may still want evidence from its machines.
      detached: true,
    });
  } catch (cause) {
    throw new StartError(`QEMU can’t be started: ${messageOf(cause)}`, { where: program, cause });
  } finally {
    for (const descriptor of more) if (typeof descriptor === 'number') closeSync(descriptor);
  }
}

/**
 * QEMU's heap, most of it what TCG knows about blocks that it translated, in huge pages where the host gives any (malloc
 * tunables of glibc 2.35): a lifecycle on Debian's 6.1 took 7,100 page faults with QEMU 7.2, and 9,700 without.
 */
const withHugePages = (own: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...own,
  // the last of two counts: a user's own word
  GLIBC_TUNABLES: ['glibc.malloc.hugetlb=1', own.GLIBC_TUNABLES].filter(Boolean).join(':'),
});

const outOfFiles = (where: string): StartError =>
  new StartError('QEMU can’t be started: this process may open no more files', {
    where,
    remedy: 'run fewer machines at a time (--jobs), or raise the limit (ulimit -n)',
  });

/** A program that can't be started closes as one that ended does. */
const endOf = (child: ChildProcess): QemuProcess['ended'] =>
  new Promise((resolve) => {
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal }));
  });

function duplex(stream: unknown): Socket {
  if (stream instanceof Socket) return stream;
  throw new HarnessBug('a pipe of a child process is no socket pair: this is not Node on a UNIX system');
}
