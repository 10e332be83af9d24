import { once } from 'node:events';
import { join } from 'node:path';
import { execa } from 'execa';
import { HostError } from '../../errors.js';
import { commandLine, type ExecutionLog } from '../../vm/command-line.js';
import { endingWithParent } from '../../vm/ending-with-parent.js';
import type { SerialPort } from '../../vm/serial-port.js';
import type { MachineSpec } from '../../vm/types.js';
import { openFifoPort } from './fifo-port.js';
import { withChardevs } from './portable-words.js';

/** A machine that is recorded: two serial ports, no QMP. It ends with its block, its signal or this process. */
export interface Recorder extends AsyncDisposable {
  readonly console: SerialPort;
  readonly channel: SerialPort;
  /** Resolves with QEMU's end; never rejects. */
  readonly exit: Promise<unknown>;
  /**
   * Ends QEMU in a way that is in the log, so that a replay ends at the same instruction; kills it after the grace.
   *
   * @throws HostError with QEMU's words where it failed
   */
  finish(graceSeconds: number): Promise<void>;
}

/**
 * Starts a machine whose execution is written to a log.
 *
 * @param folder for its fifos
 */
export async function startRecorder(
  spec: MachineSpec,
  executionLog: ExecutionLog,
  folder: string,
  signal: AbortSignal,
): Promise<Recorder> {
  signal.throwIfAborted();
  const paths = [join(folder, 'console'), join(folder, 'channel')] as const;
  await execa('mkfifo', ['-m', '600', ...paths.flatMap((path) => [`${path}.in`, `${path}.out`])]);
  const [console, channel] = [openFifoPort(paths[0]), openFifoPort(paths[1])];
  const words = withChardevs(commandLine(spec, { executionLog }), {
    console: 'pipe,id=console,path=console',
    channel: 'pipe,id=channel,path=channel',
  });
  const [program, ...rest] = endingWithParent([spec.qemu.binary, ...words]);
  const child = execa(program, rest, {
    cwd: folder,
    stdin: 'ignore',
    stdout: 'ignore',
    maxBuffer: 64 * 1024,
    reject: false,
    detached: true,
    cleanup: false,
  });
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  const exit = child.then(async (ended) => {
    signal.removeEventListener('abort', kill);
    const read = [console, channel].map(({ port }) => once(port, 'end'));
    for (const { close } of [console, channel]) close();
    await Promise.all(read);
    return ended;
  });
  return {
    console: console.port,
    channel: channel.port,
    exit,
    async finish(graceSeconds) {
      const timer = setTimeout(kill, graceSeconds * 1000);
      child.kill('SIGTERM');
      const { failed, stderr, shortMessage } = await exit;
      clearTimeout(timer);
      signal.throwIfAborted();
      if (failed)
        throw new HostError(`QEMU failed while it recorded: ${stderr.trim() || shortMessage}`, {
          where: executionLog.path,
        });
    },
    async [Symbol.asyncDispose]() {
      kill();
      await exit;
    },
  };
}
