import type { Command } from 'commander';
import t from 'tap';
import { program } from '../../harness/cli/program.js';

/** Every command with its words: `images build`. */
function commandsOf(command: Command, words: readonly string[] = []): [string, Command][] {
  const below = command.commands.flatMap((child) => commandsOf(child, [...words, child.name()]));
  return [[words.join(' '), command], ...below];
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => 80,
  });
  command.outputHelp();
  return text;
}

const all = commandsOf(await program(new AbortController().signal));
const columns = (line: string): number => [...line].length;

t.test('no line of any help is wider than 80 columns', async (t) => {
  t.ok(all.length > 12, `${all.length} commands`);
  for (const [words, command] of all) {
    const wide = helpOf(command)
      .split('\n')
      .filter((line) => columns(line) > 80);
    t.same(wide, [], words);
  }
});

t.test('every command that does something shows examples, each of which is that command', async (t) => {
  for (const [words, command] of all) {
    const isGroup = command.commands.length > 0 && words !== '';
    if (isGroup) continue;
    const [, examples] = helpOf(command).split(/^Examples?:$/m);
    t.match(examples, `kmatrix ${words}`.trim(), words);
  }
});

t.test('an example’s options are the command’s own', async (t) => {
  for (const [words, command] of all) {
    const [, examples = ''] = helpOf(command).split(/^Examples?:$/m);
    const joined = examples.replaceAll('\\\n', '');
    const lines = joined.split('\n').filter((line) => line.includes(`kmatrix ${words} `) && words !== '');
    const known = command.options.flatMap(({ long, short }) => [long, short]);
    for (const line of lines) {
      const own = line.split(/ -- | \| /)[0] ?? '';
      for (const [option] of own.matchAll(/(?<= )--[a-z-]+/g))
        t.ok(known.includes(option), `${words}: ${option}`);
    }
  }
});
