import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import type { Command } from 'commander';
import { HostError } from '../errors.js';
import type { DoneFrame } from '../guest/types.js';
import { alarm } from '../host/alarm.js';
import { printable } from '../host/printable.js';
import { projectRoot } from '../host/project.js';
import { loadMatrix } from '../matrix/load.js';
import { nearest } from '../matrix/nearest.js';
import { type ShellMachine, withShell } from '../run/open-machine.js';
import type { AcceleratorChoice } from '../vm/accelerator.js';
import { progressOn } from './board.js';
import { bootLines, consoleText } from './boot-lines.js';
import { findKernelRow } from './find-kernel-row.js';
import { acceleratorOption, positive } from './option-values.js';
import { standardStreams } from './standard-streams.js';

interface ShellOptions {
  readonly matrix: string;
  readonly memory: number;
  readonly timeout?: number;
  readonly accelerator: AcceleratorChoice;
  readonly verbose?: true;
}

export function shellCommand(command: Command, signal: AbortSignal): Command {
  const shell = command.command('shell');
  // commander's own words leave out that the option may be the command's
  Object.assign(shell, {
    unknownOption: (flag: string) =>
      shell.error(unknownOption(flag, shell), { code: 'commander.unknownOption' }),
  });
  return shell
    .summary('boot a kernel and give you a shell in it')
    .description(
      'Boots a kernel of the matrix with a busybox shell on its console. With a command, runs that instead: its ' +
        'standard input, output and error are connected to this command’s, byte for byte, and its exit status is ' +
        'passed on; kernel messages go to standard error. Without a terminal the shell reads its commands from ' +
        'standard input.',
    )
    .argument('<kernel>', 'row of matrix.yml, or an imported name')
    .argument('[command...]', 'one argument: a command line for sh; several: a program and its arguments')
    .option(
      '--timeout <seconds>',
      'stop it after this many seconds, not counting the boot, with exit status 124',
      positive,
    )
    .option('--verbose', 'show the whole boot on standard error')
    .option('--memory <MiB>', 'memory of the machine', positive, 256)
    .addOption(acceleratorOption())
    .option('--matrix <file>', 'matrix file', join(projectRoot, 'matrix.yml'))
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  kmatrix shell debian-6.1-cloud\n' +
        '  kmatrix shell vanilla-3.2 -- uname -a\n' +
        "  kmatrix shell vanilla-2.6.32 -- 'cat /proc/cgroups | sort'\n" +
        "  kmatrix shell vanilla-3.2 -- sh -c 'cat; date' < file\n" +
        '  tar c src | kmatrix shell vanilla-3.2 --timeout 60 -- tar t\n' +
        '  kmatrix shell vanilla-3.2 < script.sh\n' +
        '\nCtrl-] leaves an interactive shell. In the background, give it < /dev/null.\n' +
        'The exit status is the command’s, or 128 plus the number of the signal that\n' +
        'killed it; 127 if there is no such program; 1 if the machine ended first.',
    )
    .action(async (kernel: string, words: readonly string[], options: ShellOptions) => {
      const row = await findKernelRow(await loadMatrix(options.matrix), kernel);
      const progress = progressOn();
      const boot = bootLines({ verbose: options.verbose === true });
      const request = {
        row,
        busybox: await findBusybox(),
        memoryMiB: options.memory,
        accelerator: options.accelerator,
      };
      const limit = new AbortController();
      const either = AbortSignal.any([signal, limit.signal]);
      let cancel = (): void => {};
      const events = {
        onImage: progress.on.bind(progress),
        onStart: () => progress.close(),
        onBoot: boot.text,
        signal: either,
      };
      try {
        const ended = await withShell(request, events, async (machine) => {
          boot.close();
          if (options.timeout !== undefined) cancel = alarm(options.timeout * 1000, () => limit.abort());
          const program = wordsOf(words);
          return program === undefined ? await converse(machine) : await listen(machine, program);
        });
        process.exitCode = exitStatusOf(ended);
      } catch (error) {
        if (!limit.signal.aborted || signal.aborted) throw error;
        process.stderr.write(`kmatrix: not finished after ${options.timeout} s\n`);
        process.exitCode = timedOut;
      } finally {
        cancel();
        progress.close();
        boot.close();
        // what nobody read any more would keep this process
        process.stdin.destroy();
      }
    });
}

function unknownOption(flag: string, { options }: Command): string {
  const likely = nearest(
    flag,
    options.flatMap(({ long }) => long ?? []),
  );
  const meant = likely === undefined || !flag.startsWith('--') ? '' : `(Did you mean ${likely}?)\n`;
  return (
    `error: kmatrix shell has no option '${flag}'\n${meant}` +
    'What belongs to the command that you run comes after --: kmatrix shell KERNEL -- uname -a'
  );
}

/** As timeout(1) says it. */
const timedOut = 124;

/** What runs in place of a shell on the console: a line of the shell's, a program, or a script from standard input. */
function wordsOf(words: readonly string[]): readonly string[] | undefined {
  const [line, ...more] = words;
  if (line === undefined) return process.stdin.isTTY ? undefined : ['sh'];
  return more.length === 0 ? ['sh', '-c', line] : words;
}

/** What a shell's session came to: its own end, the person's Ctrl-], or the machine's end (null). */
type Ended = DoneFrame | null | 'left';

/** As a shell would: the command's status, or 128 and the signal; 1 where the machine itself ended. */
function exitStatusOf(done: Ended): number {
  if (done === 'left') return 0;
  if (done === null) {
    process.stderr.write('kmatrix: the machine ended before the command did\n');
    return 1;
  }
  // a status of the command's own has no reason
  if (done.reason !== '') process.stderr.write(`kmatrix: ${printable(done.reason)}\n`);
  return done.signal > 0 ? 128 + done.signal : done.exitStatus;
}

function listen(machine: ShellMachine, words: readonly string[]): Promise<Ended> {
  machine.onConsole((text) => process.stderr.write(consoleText(text)));
  return machine.run(words, standardStreams());
}

/** The terminal is the guest's until the shell ends: raw, so that Ctrl-C and arrows reach it. */
async function converse(machine: ShellMachine): Promise<Ended> {
  const { stdin, stdout } = process;
  machine.onConsole((text) => stdout.write(text));
  const left = new Promise<'left'>((resolve) => {
    stdin.on('data', (chunk: Buffer) => {
      const text = chunk.toString('utf8');
      if (text.includes('\u001d')) resolve('left');
      else machine.type(text.replaceAll('\n', '\r'));
    });
    stdin.once('end', () => machine.type('\rexit\r'));
  });
  process.stderr.write('Ctrl-] leaves\r\n');
  stdin.setRawMode(true);
  stdin.resume();
  try {
    return await Promise.race([machine.converse(), left]);
  } finally {
    stdin.setRawMode(false);
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
  throw new HostError('busybox, which the shell comes from, is not installed', {
    remedy: 'kmatrix doctor --install (package busybox-static)',
  });
}
