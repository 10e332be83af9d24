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
    .summary('run the machine of a bundle again')
    .description(
      'Runs the machine in a bundle of kmatrix repro: from its recording, to the same instruction, where it has one, ' +
        'else booted anew. The guest in it is executed, in QEMU’s sandbox, and nothing else. A recording also feeds a saved ' +
        'machine and an execution log to QEMU, which is no proof against hostile ones: replay those of people whom you ' +
        'would let run a program. Of a recording that was not made here kmatrix asks first.',
    )
    .argument('<bundle>', 'NAME.tar.zst or NAME.tar.gz')
    .option('--gdb', 'stop the recording before its first instruction, and say how gdb is attached')
    .option('--boot', 'boot the machine although there is a recording')
    .option('--trust', 'replay a recording that was made elsewhere, and don’t ask')
    .option('--times <n>', 'run it so often', positive, 1)
    .option('--json', 'print one document: how, cameAgain, sameConsole, seconds and reports of each run')
    .addHelpText(
      'after',
      '\nExamples:\n  kmatrix replay 407.tar.zst\n  kmatrix replay 407.tar.zst --gdb\n' +
        '  kmatrix replay 407.tar.zst --boot --times 10 --json | jq .cameAgain\n\n' +
        'Exit codes: 0 the report came again (of a recording: every time, to the byte),\n' +
        '1 it did not, 2 wrong input or a broken bundle, 3 this host can’t run it,\n' +
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
          ? '--gdb runs it once'
          : undefined;
  if (why !== undefined)
    throw new UsageError(why, { where: file, remedy: 'kmatrix repro --record --bundle FILE records one' });
}

/** The saved machine and the log of a recording are read by QEMU's own code; those of this cache are its own words. */
async function requireTrust({ id, description }: UnpackedBundle, where: string): Promise<void> {
  if (description.recording === null || isOwnBundle(id)) return;
  const what =
    'the recording in this bundle was not made here; replaying it is like running a program of its maker';
  process.stderr.write(`kmatrix: ${what}\n`);
  if (await ask('Replay it?')) return;
  throw new UsageError('nothing was run: whoever made the recording is not known to be trusted', {
    where,
    remedy: '--trust replays it all the same, --boot runs the guest alone, without the recording',
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
      (symbols ? '' : 'kmatrix: no vmlinux for this kernel is here, so gdb has no names\n'),
  );
}

function verdictOf({ how, cameAgain, sameConsole, reports }: Replayed): string {
  if (how === 'replayed')
    return sameConsole
      ? "the console is the recording's, to the byte"
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
