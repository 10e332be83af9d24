import { type Argument, type Command, Help, type Option } from 'commander';

/** What may stand where the cursor is, and a few words about it. */
export interface Candidate {
  readonly word: string;
  readonly about?: string;
}

/** Where values of a kind come from; the words so far may say in which file or folder to look. */
export interface ValueContext {
  /** Values of the options that were given, by long name: {'--matrix': 'mine.yml'}. */
  readonly given: Readonly<Record<string, string>>;
}

/**
 * Values of an option (by its long name: --kernel) or else of a placeholder (run, of `--resume <run>` and `[run]`);
 * undefined where names aren't known, as of files.
 */
export type Values = (
  names: readonly string[],
  context: ValueContext,
) => Promise<readonly Candidate[] | undefined>;

/**
 * What may come next on a command line: subcommands, a command's own options, or values. Nothing where that is a file,
 * which the shell completes itself.
 *
 * @param words after `kmatrix`; the last is the one that is being typed, '' where none is begun
 */
export async function completionWords(
  root: Command,
  words: readonly string[],
  values: Values,
): Promise<readonly Candidate[]> {
  const place = walk(root, words.slice(0, -1));
  // bash breaks words at `=`, which is then one of its own
  const typed = words.at(-1) === '=' ? '' : (words.at(-1) ?? '');
  const { command, pending, literal } = place;
  if (pending) return begunWith(typed, await valuesOf(pending, place, values));
  const [, long, value] = literal ? [] : (/^(--[^=]+)=(.*)$/.exec(typed) ?? []);
  const option = command.options.find((known) => known.long === long);
  if (option !== undefined && value !== undefined) {
    const found = begunWith(value, await valuesOf(option, place, values));
    return found.map((one) => ({ ...one, word: `${long}=${one.word}` }));
  }
  if (typed.startsWith('-') && !literal) return begunWith(typed, optionsOf(command));
  if (command.commands.length > 0) return place.positional > 0 ? [] : begunWith(typed, commandsOf(command));
  const argument = command.registeredArguments.at(place.positional) ?? variadic(command);
  if (argument !== undefined) return begunWith(typed, await valuesOf(argument, place, values));
  return literal ? [] : begunWith(typed, optionsOf(command));
}

interface CompletionContext extends ValueContext {
  readonly command: Command;
  /** The option whose value comes next. */
  readonly pending: Option | undefined;
  /** Arguments so far. */
  readonly positional: number;
  /** After `--` nothing is an option. */
  readonly literal: boolean;
}

function walk(root: Command, words: readonly string[]): CompletionContext {
  let command = root;
  let pending: Option | undefined;
  let positional = 0;
  let literal = false;
  const given: Record<string, string> = {};
  for (const word of words) {
    if (pending !== undefined) {
      if (word === '=') continue;
      given[pending.long ?? ''] = word;
      pending = undefined;
    } else if (literal) {
      positional += 1;
    } else if (word === '--') {
      literal = true;
    } else if (word.startsWith('-')) {
      const [name, value] = word.split(/=(.*)/s);
      const option = command.options.find(({ long, short }) => name === long || name === short);
      if (value !== undefined) given[name ?? ''] = value;
      else if (option?.required || option?.optional) pending = option;
    } else {
      // `help images` is completed as `images`
      if (word === 'help' && command.commands.length > 0) continue;
      const child = command.commands.find((known) => known.name() === word);
      if (child !== undefined) command = child;
      else positional += 1;
    }
  }
  return { command, pending, positional, literal, given };
}

async function valuesOf(
  asked: Option | Argument,
  context: ValueContext,
  values: Values,
): Promise<readonly Candidate[]> {
  if (asked.argChoices !== undefined) return asked.argChoices.map((word) => ({ word }));
  const flags = 'flags' in asked ? asked.flags : `<${asked.name()}>`;
  const placeholder = /[<[]([^.>\]]+)/.exec(flags)?.[1];
  const names = [
    ...('long' in asked && asked.long ? [asked.long] : []),
    ...(placeholder ? [placeholder] : []),
  ];
  return (await values(names, context)) ?? [];
}

const begunWith = (typed: string, candidates: readonly Candidate[]): readonly Candidate[] =>
  candidates.filter(({ word }) => word.startsWith(typed));

const optionsOf = (command: Command): Candidate[] =>
  new Help()
    .visibleOptions(command)
    .flatMap(({ long, description }) => (long ? [{ word: long, about: description }] : []));

const commandsOf = (command: Command): Candidate[] =>
  new Help()
    .visibleCommands(command)
    .map((child) => ({ word: child.name(), about: child.summary() || child.description() }));

function variadic(command: Command): Argument | undefined {
  const last = command.registeredArguments.at(-1);
  return last?.variadic ? last : undefined;
}
