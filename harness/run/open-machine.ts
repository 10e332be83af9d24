import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HostError } from '../errors.js';
import { AgentSession } from '../guest/index.js';
import type { DoneFrame } from '../guest/types.js';
import { buildGuest, buildImage, obtainKernel, withStaging } from '../images/index.js';
import type { ImageEvent } from '../images/types.js';
import type { KernelRow } from '../matrix/types.js';
import { chooseAccelerator, findQemu, Machine } from '../vm/index.js';

export interface ShellRequest {
  readonly row: KernelRow;
  /** A command line for sh, or undefined for a person at a terminal. */
  readonly command: string | undefined;
  readonly busybox: string;
  readonly memoryMiB: number;
}

/** A machine with a shell on its console: what it prints once the shell runs, and where to type. */
export interface ShellMachine {
  readonly onText: (listener: (text: string) => void) => void;
  readonly type: (text: string) => void;
  /** How the shell ended; null where the machine ended first. */
  readonly done: Promise<DoneFrame | null>;
}

/**
 * Boots a kernel with busybox as its shell and hands it to `use`; the machine ends with it.
 *
 * @throws ImageError, HostError; the signal's reason
 */
export async function withShell<T>(
  request: ShellRequest,
  onEvent: (event: ImageEvent) => void,
  signal: AbortSignal,
  use: (machine: ShellMachine) => Promise<T>,
): Promise<T> {
  const qemu = await findQemu();
  const accelerator = await chooseAccelerator(qemu, 'auto');
  const guest = await buildGuest({ signal });
  const kernel = await obtainKernel(request.row, { onEvent, signal, offline: false });
  const image = await withStaging(async (folder) => {
    const files = new Map([['bin/busybox', request.busybox]]);
    if (request.command !== undefined) {
      const script = join(folder, 'command');
      await writeFile(script, `${request.command}\n`);
      files.set('shell/command', script);
    }
    return await buildImage({ kernel, guest, modules: ['veth', 'overlay'], extraFiles: files });
  });
  await using machine = await Machine.start(
    {
      qemu,
      accelerator: accelerator.name,
      bzImage: kernel.bzImage,
      initramfs: image.initramfs,
      shape: { cpus: 2, memoryMiB: request.memoryMiB },
      bootArguments: request.row.bootArguments,
    },
    { signal },
  );
  const session = new AgentSession(machine.channel);
  if ((await session.ready({ signal })) === null) {
    throw new HostError('the machine ended before it was ready', {
      where: request.row.id,
      remedy: `its last words: ${machine.console.text().trim().split('\n').slice(-3).join(' | ')}`,
    });
  }
  session.start({
    workload: 'shell',
    seed: 1,
    iterations: 1,
    time: Date.now() / 1000,
    entropy: '00'.repeat(32),
    args: {},
  });
  const result = await use({
    onText: (listener) => machine.console.on('text', listener),
    type: (text) => machine.console.write(text),
    done: session.done({ signal }),
  });
  session.poweroff();
  return result;
}
