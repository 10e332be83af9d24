import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { HostError } from '../errors.js';
import { printable } from '../host/printable.js';
import { projectRoot } from '../host/project.js';
import { loadMatrix } from '../matrix/index.js';
import { type ShellMachine, withShell } from '../run/open-machine.js';
import { progressOn } from './board.js';
import { findKernelRow } from './find-kernel-row.js';
import { positive } from './option-values.js';

interface ShellOptions {
  readonly matrix: string;
  readonly memory: number;
}

export function shellCommand(command: Command, signal: AbortSignal): Command {
  return command
    .command('shell')
    .summary('boot a kernel and give you a shell in it')
    .description(
      'Boots a kernel of the matrix with a busybox shell on its console; with a command, runs it and ends.',
    )
    .argument('<kernel>', 'row of matrix.yml, or an imported name')
    .argument('[command...]', 'command line for sh; its exit status becomes ours')
    .option('--matrix <file>', 'matrix file', join(projectRoot, 'matrix.yml'))
    .option('--memory <MiB>', 'memory of the machine', positive, 256)
    .addHelpText(
      'after',
      '\nExamples:\n  kmatrix shell debian-6.1-cloud\n  kmatrix shell vanilla-3.2 -- uname -a\n' +
        "  kmatrix shell vanilla-2.6.32 -- 'cat /proc/cgroups'\n\nCtrl-] leaves an interactive shell.",
    )
    .action(async (kernel: string, words: readonly string[], options: ShellOptions) => {
      const row = await findKernelRow(await loadMatrix(options.matrix), kernel);
      const progress = progressOn();
      const request = {
        row,
        command: words.length > 0 ? words.join(' ') : undefined,
        busybox: await findBusybox(),
        memoryMiB: options.memory,
      };
      const done = await withShell(
        request,
        (event) => progress.on(event),
        signal,
        async (machine) => {
          progress.close();
          return request.command === undefined ? await converse(machine) : await listen(machine);
        },
      ).finally(() => progress.close());
      process.exitCode = exitStatusOf(done);
    });
}

/** What a shell's session came to: its own end, the person's Ctrl-], or the machine's end (null). */
type Ended = Awaited<ShellMachine['done']> | 'left';

/** As a shell would: the command's status, or 128 and the signal; 1 where the machine itself ended. */
function exitStatusOf(done: Ended): number {
  if (done === 'left') return 0;
  if (done === null) return 1;
  if (done.status === 'unsupported' && done.reason !== '')
    process.stderr.write(`kmatrix: ${printable(done.reason)}\n`);
  return done.signal > 0 ? 128 + done.signal : done.exitStatus;
}

async function listen(machine: ShellMachine): Promise<Ended> {
  const { stdout } = process;
  machine.onText((text) => {
    const plain = text.replaceAll('\r\n', '\n');
    // into a file or a pipe as it came; on a terminal nothing of a guest's may move the cursor
    stdout.write(stdout.isTTY ? printable(plain, Number.POSITIVE_INFINITY) : plain);
  });
  return await machine.done;
}

/** The terminal is the guest's until the shell ends: raw, so that Ctrl-C and arrows reach it. */
async function converse(machine: ShellMachine): Promise<Ended> {
  const { stdin, stdout } = process;
  machine.onText((text) => stdout.write(text));
  const left = new Promise<'left'>((resolve) => {
    stdin.on('data', (chunk: Buffer) => {
      const text = chunk.toString('utf8');
      if (text.includes('\u001d')) resolve('left');
      else machine.type(text.replaceAll('\n', '\r'));
    });
    stdin.once('end', () => machine.type('\rexit\r'));
  });
  if (stdin.isTTY) {
    process.stderr.write('Ctrl-] leaves\r\n');
    stdin.setRawMode(true);
  }
  stdin.resume();
  try {
    return await Promise.race([machine.done, left]);
  } finally {
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.pause();
  }
}

async function findBusybox(): Promise<string> {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/bin', '/usr/bin']) {
    const path = join(folder, 'busybox');
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  throw new HostError('there is no busybox to be the shell', {
    remedy: 'kmatrix doctor --install (package busybox-static)',
  });
}
