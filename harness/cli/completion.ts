import { realpathSync } from 'node:fs';
import process from 'node:process';
import { Argument, type Command } from 'commander';
import { completionScripts } from './completion-scripts.js';
import { completionValues } from './completion-values.js';
import { completionWords } from './completion-words.js';

/** Its real place: npx runs a link in its own cache, which may be cleaned any time. */
const ownScript = (): string => realpathSync(process.argv[1] ?? 'kmatrix');

export function completionCommand(command: Command): void {
  command
    .command('completion')
    .summary('print a completion script for your shell')
    .description(
      'Prints a completion script: commands, their options, and the names of kernels, workloads, profiles and runs.',
    )
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(completionScripts)))
    .addHelpText(
      'after',
      '\nExamples:\n  source <(kmatrix completion bash)\n  kmatrix completion fish | source',
    )
    .action((shell: keyof typeof completionScripts) => {
      process.stdout.write(`${completionScripts[shell](ownScript())}\n`);
    });
  // what the scripts ask: WORD<TAB>TEXT a line
  command
    .command('completion-words', { hidden: true })
    .description('Prints what may come next on a command line: what the completion scripts ask for.')
    .argument('[words...]', 'the command line after kmatrix; the last word is the one being typed')
    .addHelpText('after', "\nExample:\n  kmatrix completion-words -- run --kernel ''")
    .action(async (words: readonly string[]) => {
      const found = await completionWords(command, words, completionValues);
      for (const { word, about = '' } of found) {
        process.stdout.write(`${word}${about === '' ? '' : `\t${about}`}\n`);
      }
    });
}
