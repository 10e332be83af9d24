import { type Command, InvalidArgumentError, Option } from 'commander';
import { usualAxes } from '../matrix/axes.js';
import type { AxisPatterns } from '../matrix/types.js';
import { type StartMode, startModes } from '../templates/opened.js';

/** Of an option that may be given more than once. */
export const collect = (value: string, earlier: readonly string[]): string[] => [...earlier, value];

/** A whole number from 1. */
export function positive(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('a whole number from 1 is needed');
}

/** A whole number of 32 bits. */
export function unsigned32(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value < 2 ** 32) return value;
  throw new InvalidArgumentError('a whole number from 0 to 4294967295 is needed');
}

/** What runs the guests, as every command that starts machines for attempts takes it. */
export const acceleratorOption = (): Option =>
  new Option('--accelerator <name>', 'what runs the guests').choices(['auto', 'kvm', 'tcg']).default('auto');

/** How machines come to READY; --boot is what it was called. */
export const startOptions = (): readonly [Option, Option] => [
  new Option(
    '--start <way>',
    'how attempts get their machines: copied from a live template (fork), restored from a saved one (template), ' +
      'booted each time (cold), or fork for cells of 16 or more attempts without KVM and template for others (auto)',
  )
    .choices(startModes)
    .default('auto'),
  new Option('--boot <way>').choices(startModes).hideHelp(),
];

export interface StartOptions {
  readonly start: StartMode;
  readonly boot?: StartMode;
}

export const startOf = ({ start, boot }: StartOptions): StartMode => boot ?? start;

/** One option for each axis, under today's name and, hidden, under the one that it had. */
export const axisOptions = (): Option[] =>
  usualAxes.flatMap(({ option, formerly, plural }) => [
    new Option(`${option} <pattern>`, `only these ${plural}; repeatable`).argParser(collect).default([], ''),
    ...(formerly === undefined
      ? []
      : [new Option(`${formerly.option} <pattern>`).argParser(collect).default([], '').hideHelp()]),
  ]);

/** What was asked for of each axis; what nothing was asked for of is left out. */
export const axisPatterns = (command: Command): AxisPatterns =>
  Object.fromEntries(
    usualAxes.flatMap(({ id, option, formerly }) => {
      const names = [option, ...(formerly === undefined ? [] : [formerly.option])];
      const asked = names.flatMap((name): readonly string[] => {
        const value: unknown = command.getOptionValue(new Option(name).attributeName());
        return Array.isArray(value) ? value.map(String) : [];
      });
      return asked.length === 0 ? [] : [[id, asked] as const];
    }),
  );

/** Names of the options above, as commander keeps their values. */
export const axisAttributes = (): { readonly attribute: string; readonly option: string }[] =>
  axisOptions().map((option) => ({ attribute: option.attributeName(), option: option.long ?? '' }));
