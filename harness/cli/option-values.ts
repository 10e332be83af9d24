import { InvalidArgumentError, Option } from 'commander';
import { startModes } from '../templates/opened.js';

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

/** How machines come to READY. */
export const bootOption = (): Option =>
  new Option(
    '--boot <way>',
    'how attempts get their machines: copied from a live template (fork), restored from a saved one (template), ' +
      'booted each (cold), or fork for cells of 16 attempts and more without KVM and template for others (auto)',
  )
    .choices(startModes)
    .default('auto');
