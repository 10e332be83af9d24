import { withStaging } from '../cache/staging.js';
import { HostError } from '../errors.js';
import { AgentSession } from '../guest/agent.js';
import { buildGuest } from '../guest/build/build-guest.js';
import type { GuestEvent } from '../guest/build/guest-event.js';
import { buildImage } from '../guest/build/initramfs.js';
import type { DoneFrame } from '../guest/types.js';
import { obtainKernel } from '../kernels/sources/obtain-kernel.js';
import type { ImageEvent } from '../kernels/types.js';
import type { KernelRow } from '../matrix/types.js';
import { awaitReady } from '../templates/await-ready.js';
import { type AcceleratorChoice, chooseAccelerator } from '../vm/accelerator.js';
import type { Limits } from '../vm/deadline.js';
import { Machine } from '../vm/machine.js';
import { findQemu } from '../vm/qemu.js';
import type { MachineSpec } from '../vm/types.js';
import { runCommand, type Streams } from './command-streams.js';
import { Exchange } from './exchange.js';

export interface ShellRequest {
  readonly row: KernelRow;
  readonly busybox: string;
  readonly memoryMiB: number;
  readonly accelerator: AcceleratorChoice;
  /** How long its boot may take; by default as long as one in a run. */
  readonly bootLimits?: Limits | undefined;
}

/** A machine that is ready: for a person, a shell on its console; or for one command. */
export interface ShellMachine {
  /** What the console says from now on. */
  readonly onConsole: (listener: (text: string) => void) => void;
  /** Types on the console. */
  readonly type: (text: string) => void;
  /** Starts busybox's shell there. How it ended; null where the machine ended first. */
  readonly converse: () => Promise<DoneFrame | null>;
  /** Runs a program with its arguments instead. */
  readonly run: (words: readonly string[], streams: Streams) => Promise<DoneFrame | null>;
}

export interface ShellEvents {
  readonly onImage: (event: ImageEvent | GuestEvent) => void;
  /** The image is there, and its machine about to start. */
  readonly onStart?: () => void;
  /** Console text, until the machine is ready. */
  readonly onBoot: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Boots a kernel with busybox in its image and hands it to `use`; the machine ends with it.
 *
 * @throws ImageError; HostError, where it doesn't boot as well; the signal's reason
 */
export async function withShell<T>(
  request: ShellRequest,
  { onImage, onStart, onBoot, signal }: ShellEvents,
  use: (machine: ShellMachine) => Promise<T>,
): Promise<T> {
  const qemu = await findQemu();
  const accelerator = await chooseAccelerator(qemu, request.accelerator, { signal });
  const guest = await buildGuest({ signal, onEvent: onImage });
  const kernel = await obtainKernel(request.row, { onEvent: onImage, signal, offline: false });
  const extraFiles = new Map([['bin/busybox', request.busybox]]);
  const image = await buildImage({ kernel, guest, modules: ['veth', 'overlay'], extraFiles });
  onStart?.();
  const spec = {
    qemu,
    accelerator: accelerator.name,
    bzImage: kernel.bzImage,
    initramfs: image.initramfs,
    shape: { cpus: 2, memoryMiB: request.memoryMiB },
    bootArguments: request.row.bootArguments,
  };
  await using started = await startShared(spec, signal);
  const { machine, exchange } = started;
  // it has been booting for as long as it took to let go of the folder
  onBoot(machine.console.text());
  machine.console.on('text', onBoot);
  const session = new AgentSession(machine.channel);
  const boot = await awaitReady(machine, session, accelerator.name, signal, { limits: request.bootLimits });
  machine.console.off('text', onBoot);
  if (boot.ready === null) throw notBooted(request.row.id, boot.end, machine.console.text());
  return await use({
    onConsole: (listener) => machine.console.on('text', listener),
    type: (text) => machine.console.write(text),
    converse: () => {
      session.start({
        ...{ workload: 'shell', seed: 1, iterations: 1, time: Date.now() / 1000 },
        ...{ entropy: '00'.repeat(32), args: {} },
      });
      return session.done({ signal });
    },
    run: (words, streams) => runCommand(session, words, streams, { signal, exchange }),
  });
}

interface SharedMachine extends AsyncDisposable {
  readonly machine: Machine;
  readonly exchange: Exchange;
}

/** A machine with exchange memory, whose file has a name only until QEMU has it open. */
const startShared = (spec: MachineSpec, signal: AbortSignal): Promise<SharedMachine> =>
  withStaging(async (folder) => {
    const exchange = new Exchange(folder);
    try {
      const machine = await Machine.start(spec, { signal, extraArguments: exchange.words });
      exchange.unlink();
      const end = async (): Promise<void> => {
        await machine.end();
        exchange[Symbol.dispose]();
      };
      return { machine, exchange, [Symbol.asyncDispose]: end };
    } catch (error) {
      exchange[Symbol.dispose]();
      throw error;
    }
  });

function notBooted(row: string, end: 'exited' | 'silent', console: string): HostError {
  const last = console.trim().split('\n').at(-1)?.trim() || 'none: it printed nothing';
  const how = end === 'exited' ? 'ended before it was ready' : 'stopped while it booted';
  return new HostError(`the machine ${how}; its last line: ${last}`, {
    where: row,
    remedy: `kmatrix shell ${row} --verbose shows the whole boot; --memory 512 or --accelerator tcg may get it further`,
  });
}
