import type { BootWords } from './types.js';

/**
 * What a console shows of a boot that never came to READY. Before a kernel's first words (its banner, on the early console too)
 * come those of the boot loader's stub and of what unpacks the kernel: "Probing EDD (edd=off to disable)... ok" says only that
 * real mode ran.
 */
export function bootWords(console: string): BootWords {
  const isKernels = /\bLinux version \d/.test(console);
  const last = console.trimEnd().split('\n').at(-1) ?? '';
  return { isKernels, last: last.replace(/^\[ *\d+\.\d+\] */, '').trim() };
}
