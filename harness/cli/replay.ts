import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { toJson } from '../diagnosis/to-json.js';
import { UsageError } from '../errors.js';
import { withFileErrors } from '../host/file-errors.js';
import { printable } from '../host/printable.js';
import { shellQuoted } from '../host/shell-quoted.js';
import { renderJson } from '../report/json/render.js';
import { isOwnBundle } from '../repro/bundle/own-bundles.js';
import { type Replayed, replayBundle } from '../repro/bundle/replay-bundle.js';
import { replayGdb } from '../repro/bundle/replay-gdb.js';
import { type UnpackedBundle, unpackBundle } from '../repro/bundle/unpack-bundle.js';
import { findKernelSymbols } from '../repro/bundle/write-bundle.js';
import { findQemu } from '../vm/qemu.js';
import { ask } from './ask.js';
import { positive } from './option-values.js';

interface Options {
  readonly gdb?: boolean;
  readonly boot?: boolean;
  readonly trust?: boolean;
  readonly times: number;
  readonly json?: boolean;
}

export function replayCommand(command: Command, signal: AbortSignal): Command {
  return command
    .command('replay')
    .summary('run the machine in a bundle again')
    .description(
      'Runs the machine in a bundle made by kmatrix repro. If the bundle has a recording, that is replayed, instruction ' +
        'for instruction; otherwise the machine boots anew. Only the guest in it is executed, in QEMU’s sandbox. A ' +
        'recording also feeds a saved machine and an execution log to QEMU, which is not proof against hostile ones: ' +
        'replay recordings only from people whose programs you would run. kmatrix asks before it replays a recording ' +
        'that was not made here.',
    )
    .argument('<bundle>', 'NAME.tar.zst or NAME.tar.gz')
    .option(
      '--gdb',
      'stop the recording before its first instruction, and print the gdb command that attaches to it',
    )
    .option('--boot', 'boot the machine even if there is a recording')
    .option('--trust', 'replay a recording that was made elsewhere without asking')
    .option('--times <n>', 'run it this many times', positive, 1)
    .option('--json', 'print one document: how, cameAgain, sameConsole, seconds and reports of each run')
    .addHelpText(
      'after',
      '\nExamples:\n  kmatrix replay 407.tar.zst\n  kmatrix replay 407.tar.zst --gdb\n' +
        '  kmatrix replay 407.tar.zst --boot --times 10 --json | jq .cameAgain\n\n' +
        'Exit codes: 0 the report came again (from a recording: every time, and byte for\nbyte), 1 it did not, 2 wrong input or a broken bundle, 3 this host can’t run it,\n' +
        '130 interrupted.',
    )
    .action((file: string, options: Options) => act(file, options, signal));
}

async function act(file: string, options: Options, signal: AbortSignal): Promise<void> {
  const qemu = await findQemu();
  const folder = await withFileErrors(tmpdir(), () => mkdtemp(join(tmpdir(), 'kmatrix-replay-')));
  try {
    const bundle = await unpackBundle(file, folder, signal);
    checkOptions(bundle, options, file);
    if (!options.boot && !options.trust) await requireTrust(bundle, file);
    warnOfQemu(bundle, qemu.version, options);
    const gdbSocket = options.gdb ? join(folder, 'gdb') : undefined;
    if (gdbSocket !== undefined) await explainGdb(bundle, gdbSocket);
    const runs: Replayed[] = [];
    let shown = '';
    for (let n = 0; n < options.times; n++) {
      const run = await replayBundle(bundle, {
        qemu,
        boot: options.boot ?? false,
        gdbSocket,
        onText: (text) => {
          if (!options.json) shown = show(text);
        },
        signal,
      });
      runs.push(run);
      if (shown !== '' && !shown.endsWith('\n')) process.stdout.write('\n');
      shown = '';
      process.stderr.write(`kmatrix: ${verdictOf(run)} (${run.seconds.toFixed(1)} s)\n`);
    }
    const cameAgain = runs.filter((run) => run.cameAgain).length;
    const recorded = runs.every(({ how }) => how === 'replayed');
    process.exitCode = (recorded ? cameAgain === runs.length : cameAgain > 0) ? 0 : 1;
    if (options.times > 1) process.stderr.write(`kmatrix: ${cameAgain} of ${runs.length} times\n`);
    if (options.json) process.stdout.write(renderJson(document(bundle, runs)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Console text for a terminal or a file, without the carriage returns of a serial line. */
function show(text: string): string {
  const plain = text.replaceAll('\r', '');
  process.stdout.write(printable(plain, plain.length));
  return plain;
}

function checkOptions({ description }: UnpackedBundle, { gdb, boot, times }: Options, file: string): void {
  if (!gdb) return;
  const why =
    description.recording === null
      ? 'the bundle has no recording for gdb to step through'
      : boot
        ? '--gdb runs the recording, --boot does not'
        : times > 1
          ? '--gdb runs it only once'
          : undefined;
  if (why !== undefined)
    throw new UsageError(why, { where: file, remedy: 'kmatrix repro --record --bundle FILE records one' });
}

/** The saved machine and the log of a recording are read by QEMU's own code; those of this cache are its own words. */
async function requireTrust({ id, description }: UnpackedBundle, where: string): Promise<void> {
  if (description.recording === null || isOwnBundle(id)) return;
  const what =
    'the recording in this bundle was not made here; replaying it is like running a program from whoever made it';
  process.stderr.write(`kmatrix: ${what}\n`);
  if (await ask('Replay it?')) return;
  throw new UsageError('nothing was run: nobody has said that this recording can be trusted', {
    where,
    remedy: '--trust replays it anyway, --boot runs the guest alone, without the recording',
  });
}

/** QEMU checks the format of a log, not whether its machines still behave the same. */
function warnOfQemu({ description }: UnpackedBundle, version: string, { boot }: Options): void {
  if (description.recording === null || boot || description.qemu === version) return;
  const made = printable(description.qemu, 50);
  process.stderr.write(
    `kmatrix: recorded with QEMU ${made}, this is ${version}: it may not follow the recording\n`,
  );
}

async function explainGdb({ folder, description }: UnpackedBundle, socket: string): Promise<void> {
  const script = join(folder, 'replay.gdb');
  await writeFile(script, replayGdb);
  const symbols = await findKernelSymbols(folder, description.kernel.id);
  const words = ['gdb', ...(symbols ? [symbols] : []), '-ex', `target remote ${socket}`, '-x', script];
  process.stderr.write(
    `kmatrix: the machine waits; in another terminal:\n  ${shellQuoted(words)}\n` +
      (symbols ? '' : 'kmatrix: there is no vmlinux for this kernel here, so gdb has no symbols\n'),
  );
}

function verdictOf({ how, cameAgain, sameConsole, reports }: Replayed): string {
  if (how === 'replayed')
    return sameConsole
      ? "the console is the same as the recording's, byte for byte"
      : 'the console differs from the recording';
  const [first] = reports;
  if (cameAgain) return `the report came again: ${printable(first?.title ?? '', 200)}`;
  return first ? `another report came: ${printable(first.title, 200)}` : 'no report';
}

const document = ({ description }: UnpackedBundle, runs: readonly Replayed[]) => ({
  kernel: description.kernel.release,
  workload: description.order.workload,
  expected: description.report,
  cameAgain: runs.filter((run) => run.cameAgain).length,
  runs: runs.map(({ reports, ...run }) => ({ ...run, reports: reports.map(toJson) })),
});
