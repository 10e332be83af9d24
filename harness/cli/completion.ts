import process from 'node:process';
import type { Command } from 'commander';
import { UsageError } from '../errors.js';

const shells = {
  bash: (words: string) => `complete -W ${quote(words)} kmatrix`,
  zsh: (words: string) => `compctl -k "(${words})" kmatrix`,
  fish: (words: string) => `complete -c kmatrix -f -a ${quote(words)}`,
} as const satisfies Record<string, (words: string) => string>;

export function completionCommand(command: Command): Command {
  return command
    .command('completion')
    .summary('print a completion script for your shell')
    .description('Prints a completion script; commands and options come from the command line itself.')
    .argument('<shell>', Object.keys(shells).join(', '))
    .addHelpText(
      'after',
      '\nExamples:\n  source <(kmatrix completion bash)\n  kmatrix completion fish | source',
    )
    .action((shell: string) => {
      const script = Object.entries(shells).find(([name]) => name === shell)?.[1];
      if (!script) {
        throw new UsageError(`no completion for ${shell}`, {
          remedy: `use ${Object.keys(shells).join(', ')}`,
        });
      }
      process.stdout.write(`${script(wordsOf(command))}\n`);
    });
}

function wordsOf(root: Command): string {
  const all = [root, ...root.commands, ...root.commands.flatMap((command) => command.commands)];
  const options = all.flatMap((command) => command.options.map((option) => option.long ?? ''));
  const names = all.slice(1).map((command) => command.name());
  return [...new Set([...names, ...options])].filter(Boolean).sort().join(' ');
}

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
