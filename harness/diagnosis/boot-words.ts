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

/** The versions of the kernels that a console shows booting, or that somebody's `uname -a` above a report names. */
export class BootedVersions {
  readonly #text: string;
  #found: readonly { readonly at: number; readonly version: string }[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** The last one before an offset, 3.7.2; '' where there is none. The text is searched once, when first asked. */
  before(offset: number): string {
    this.#found ??= [...this.#text.matchAll(named)].map((match) => ({
      at: match.index,
      version: match[1] ?? '',
    }));
    return this.#found.findLast(({ at }) => at < offset)?.version ?? '';
  }
}

const named = /\bLinux (?:version |[\w.-]{1,64} (?=\S{1,80} #\d))(\d{1,2}\.\d{1,3}(?:\.\d{1,3})?)/g;
