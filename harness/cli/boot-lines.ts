import process from 'node:process';
import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import { printable } from '../host/printable.js';
import { seconds } from '../report/words/duration.js';
import { fitLines } from './fit-lines.js';
import { lastLine } from './last-line.js';

/** Shows a boot on stderr while it lasts. */
export interface BootLines {
  readonly text: (chunk: string) => void;
  readonly close: () => void;
}

/** The whole console where that is asked for; else, on a terminal, its last line, which goes when the machine is ready. */
export function bootLines({ verbose }: { readonly verbose: boolean }): BootLines {
  const { stderr } = process;
  if (verbose) return { text: (chunk) => void stderr.write(consoleText(chunk)), close: () => {} };
  if (!stderr.isTTY || process.env.TERM === 'dumb' || process.env.CI === 'true')
    return { text: () => {}, close: () => {} };
  const update = createLogUpdate(stderr);
  const colours = pc.createColors(pc.isColorSupported);
  const began = performance.now();
  const last = lastLine();
  return {
    text: (chunk) => {
      const whole = last(chunk);
      if (whole === undefined) return;
      const since = seconds((performance.now() - began) / 1000);
      update(fitLines(colours.dim(`boot ${since}  ${printable(whole.trim())}`), stderr));
    },
    close: () => {
      update.clear();
      update.done();
    },
  };
}

/** A console's words as a terminal may have them: nothing of a guest's moves the cursor. */
export const consoleText = (chunk: string): string =>
  printable(chunk.replaceAll('\r\n', '\n').replaceAll('\r', ''), Number.POSITIVE_INFINITY);
