import { Command, Help } from 'commander';
import { UsageError } from '../errors.js';
import { kmatrixVersion } from '../host/version.js';
import { suggestion } from '../matrix/glob.js';
import { checkConfigCommand } from './check-config.js';
import { classifyCommand } from './classify.js';
import { compareCommand } from './compare.js';
import { completionCommand } from './completion.js';
import { consoleCommand } from './console.js';
import { doctorCommand } from './doctor.js';
import { helpSettings } from './help-settings.js';
import { imagesCommand } from './images.js';
import { matrixCommand } from './matrix.js';
import { mergeCommand } from './merge.js';
import { pageCommand } from './page.js';
import { publishCommand } from './publish.js';
import { replayCommand } from './replay.js';
import { reportCommand } from './report.js';
import { reproCommand } from './repro.js';
import { runCommand } from './run.js';
import { shellCommand } from './shell.js';

/** The whole command line; `signal` aborts whatever runs (Ctrl-C). */
export function program(signal: AbortSignal): Command {
  const kmatrix = new Command('kmatrix')
    .description(
      'Boots QEMU machines with Linux kernels from 2.6.32 to today, runs container workloads in them, reads their ' +
        'consoles and tabulates what breaks.',
    )
    .version(kmatrixVersion)
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp(helpSettings)
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  kmatrix run --profile smoke               ten minutes on two cores\n' +
        "  kmatrix run --kernel 'debian-6.*' --workload lifecycle --attempts 5\n" +
        '  kmatrix report latest --format markdown\n' +
        '  dmesg | kmatrix classify -\n' +
        '\nExit codes: 0 as expected, 1 unexpected failures, 2 usage or configuration\n' +
        "error, 3 this host can't run it, 130 interrupted (what finished is kept).",
    );
  matrixCommand(kmatrix);
  runCommand(kmatrix, signal);
  reproCommand(kmatrix, signal);
  reportCommand(kmatrix);
  compareCommand(kmatrix, signal);
  pageCommand(kmatrix);
  mergeCommand(kmatrix, signal);
  publishCommand(kmatrix);
  consoleCommand(kmatrix);
  classifyCommand(kmatrix);
  imagesCommand(kmatrix, signal);
  shellCommand(kmatrix, signal);
  replayCommand(kmatrix, signal);
  checkConfigCommand(kmatrix);
  doctorCommand(kmatrix);
  completionCommand(kmatrix);
  settle(kmatrix, 'kmatrix');
  return kmatrix;
}

/**
 * What every command has: its own help in the line after an error, a `help` for those below it, and the root's settings,
 * which commander copies only to commands made after they are set.
 *
 * @param words how it is called: `kmatrix images`
 */
function settle(command: Command, words: string): void {
  command.showHelpAfterError(`(${words} --help shows more)`);
  if (command.commands.length > 0) addHelpCommand(command, words);
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    settle(child, `${words} ${child.name()}`);
  }
}

/** In place of commander's own, which answers an unknown name with the parent's help and not a word. */
function addHelpCommand(parent: Command, words: string): void {
  const [first] = parent.commands;
  parent.helpCommand(false);
  parent
    .command('help')
    .description('display help for command')
    .argument('[command...]', 'of which command')
    .addHelpText('after', `\nExamples:\n  ${words} help ${first?.name()}`)
    .action((names: readonly string[]) => names.reduce(childOf, parent).help());
}

function childOf(parent: Command, name: string): Command {
  const children = new Help().visibleCommands(parent);
  const child = children.find((known) => known.name() === name);
  if (child !== undefined) return child;
  throw new UsageError(`there is no command '${name}'`, {
    where: 'help',
    remedy: suggestion(
      name,
      children.map((known) => known.name()),
    ),
  });
}
