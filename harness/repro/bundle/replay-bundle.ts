import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { classify } from '../../diagnosis/classify.js';
import type { Report } from '../../diagnosis/types.js';
import { HostError } from '../../errors.js';
import { withFileErrors } from '../../host/file-errors.js';
import { chooseAccelerator } from '../../vm/accelerator.js';
import { awaitProgress } from '../../vm/deadline.js';
import { Machine } from '../../vm/machine.js';
import type { MachineSpec, Qemu } from '../../vm/types.js';
import type { BundleDescription } from './bundle-description.js';
import { cameAgain } from './came-again.js';
import { runToReport } from './run-to-report.js';
import type { UnpackedBundle } from './unpack-bundle.js';

export interface ReplayOptions {
  readonly qemu: Qemu;
  /** Boot the machine although the bundle has a recording. */
  readonly boot: boolean;
  /** Where gdb is waited for before the first instruction: path of a UNIX socket to be made. Recordings only. */
  readonly gdbSocket?: string | undefined;
  readonly onText: (text: string) => void;
  readonly signal: AbortSignal;
}

/** What one run of a bundle's machine came to. */
export interface Replayed {
  readonly how: 'booted' | 'replayed';
  /** The same signature or the same known issue; of a recording, the same console to the byte. */
  readonly cameAgain: boolean;
  readonly reports: readonly Report[];
  /** Of a recording, whether the console is the recorded one to the byte; null where the machine booted. */
  readonly sameConsole: boolean | null;
  readonly seconds: number;
}

/**
 * Runs a bundle's machine, by kmatrix's own command line: of the bundle's only kernel, initramfs, numbers and recording
 * are used, and QEMU's sandbox is on.
 *
 * @throws HostError where QEMU doesn't start, or is too slow for a recording to come to its end; the signal's reason
 */
export async function replayBundle(bundle: UnpackedBundle, options: ReplayOptions): Promise<Replayed> {
  const began = performance.now();
  const { recording } = bundle.description;
  const result =
    recording === null || options.boot
      ? await boot(bundle, options)
      : await replay(bundle, recording, options);
  return { ...result, seconds: (performance.now() - began) / 1000 };
}

type Result = Omit<Replayed, 'seconds'>;

async function boot({ description, folder }: UnpackedBundle, options: ReplayOptions): Promise<Result> {
  const { qemu, signal } = options;
  const wished = description.machine.accelerator === 'kvm' ? 'auto' : 'tcg';
  const { name: accelerator } = await chooseAccelerator(qemu, wished);
  const spec = { ...specOf(description.machine, folder, qemu), accelerator };
  await using machine = await Machine.start(spec, { signal });
  machine.console.on('text', options.onText);
  await runToReport(machine, description.order, { accelerator, limits: description.limits, signal });
  await machine.quit();
  const reports = classify(machine.console.text());
  return { how: 'booted', cameAgain: cameAgain(description.report, reports), reports, sameConsole: null };
}

async function replay(
  { folder }: UnpackedBundle,
  recording: NonNullable<BundleDescription['recording']>,
  { qemu, gdbSocket, onText, signal }: ReplayOptions,
): Promise<Result> {
  const spec = specOf(recording.machine, folder, qemu);
  const snapshots = join(folder, 'snapshots.run.qcow2');
  // QEMU writes to it, and the next replay begins where this one did
  await withFileErrors(snapshots, () => copyFile(join(folder, 'snapshots.qcow2'), snapshots));
  const expected = await readFile(join(folder, 'recorded-console.log'));
  await using machine = await Machine.start(spec, {
    signal,
    executionLog: { mode: 'replay', path: join(folder, 'execution.log'), snapshots },
    extraArguments: gdbSocket === undefined ? [] : gdbArguments(gdbSocket),
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  machine.console.on('bytes', (chunk) => {
    bytes += chunk.length;
    if (bytes <= 2 * expected.length + slackBytes) chunks.push(chunk);
  });
  machine.console.on('text', onText);
  await untilReplayed(machine, recording.seconds, gdbSocket !== undefined, signal);
  const seen = Buffer.concat(chunks);
  const sameConsole = seen.equals(expected);
  return { how: 'replayed', cameAgain: sameConsole, reports: classify(machine.console.text()), sameConsole };
}

/** The recording ends with QEMU's own end; where the log is cut, QEMU stops the machine and stays. */
async function untilReplayed(
  machine: Machine,
  recordedSeconds: number,
  forGdb: boolean,
  signal: AbortSignal,
): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    machine.qmp.on('event', (name) => {
      // to a debugger, a stopped machine is a breakpoint
      if (name === 'STOP' && !forGdb) resolve();
    });
  });
  const over = Promise.race([machine.exit, stopped]);
  if (forGdb) {
    await awaitProgress(
      machine.exit,
      () => performance.now(),
      { totalSeconds: gdbSeconds, quietSeconds: gdbSeconds },
      { signal },
    );
    return;
  }
  const totalSeconds = 300 + recordedSeconds * slowerBy;
  const waited = await awaitProgress(
    over,
    () => machine.console.lastByteAt,
    { totalSeconds, quietSeconds: totalSeconds },
    { signal },
  );
  if (waited.end === 'reached') return;
  await machine.quit();
  throw new HostError(`the replay did not come to its end within ${Math.round(totalSeconds)} s`, {
    remedy: 'this host is too slow or too busy for it, or the recording never ends',
  });
}

const gdbSeconds = 24 * 3600;
/** Measured: a replay takes up to three times as long as its recording; a busy host may make it much more. */
const slowerBy = 30;
const slackBytes = 2 ** 20;

const gdbArguments = (socket: string): string[] => [
  ...['-chardev', `socket,id=gdb,path=${socket.replaceAll(',', ',,')},server=on,wait=off`],
  ...['-gdb', 'chardev:gdb', '-S'],
];

const specOf = (
  { accelerator, cpus, memoryMiB, bootArguments }: BundleDescription['machine'],
  folder: string,
  qemu: Qemu,
): MachineSpec => ({
  qemu,
  accelerator,
  bzImage: join(folder, 'bzImage'),
  initramfs: join(folder, 'initramfs'),
  shape: { cpus, memoryMiB },
  bootArguments,
});
