import { Command, Help } from 'commander';
import { UsageError } from '../errors.js';
import { kmatrixVersion } from '../host/version.js';
import { suggestion } from '../matrix/glob.js';
import { helpSettings } from './help-settings.js';

type Add = (kmatrix: Command, signal: AbortSignal) => void;

/** Each command and where it lives, in the order that help shows. */
const commands: Readonly<Record<string, () => Promise<Add>>> = {
  matrix: async () => (await import('./matrix.js')).matrixCommand,
  run: async () => (await import('./run.js')).runCommand,
  repro: async () => (await import('./repro.js')).reproCommand,
  report: async () => (await import('./report.js')).reportCommand,
  compare: async () => (await import('./compare.js')).compareCommand,
  page: async () => (await import('./page.js')).pageCommand,
  merge: async () => (await import('./merge.js')).mergeCommand,
  publish: async () => (await import('./publish.js')).publishCommand,
  console: async () => (await import('./console.js')).consoleCommand,
  classify: async () => (await import('./classify.js')).classifyCommand,
  images: async () => (await import('./images.js')).imagesCommand,
  shell: async () => (await import('./shell.js')).shellCommand,
  replay: async () => (await import('./replay.js')).replayCommand,
  'check-config': async () => (await import('./check-config.js')).checkConfigCommand,
  doctor: async () => (await import('./doctor.js')).doctorCommand,
  completion: async () => (await import('./completion.js')).completionCommand,
};

/** Reading all commands takes four times as long as reading the one that is called: most of what a short one costs. */
async function adders(called = ''): Promise<readonly Add[]> {
  const load = Object.hasOwn(commands, called) ? commands[called] : undefined;
  return load === undefined ? Promise.all(Object.values(commands).map((each) => each())) : [await load()];
}

/**
 * The command line: the command that `args` begins with, or all commands where it names none.
 *
 * @param signal aborts whatever runs (Ctrl-C)
 * @param args what was typed after `kmatrix`
 */
export async function program(signal: AbortSignal, args: readonly string[] = []): Promise<Command> {
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
  for (const add of await adders(args[0])) add(kmatrix, signal);
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
