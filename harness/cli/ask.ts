import process from 'node:process';
import { createInterface } from 'node:readline/promises';

/** Asks at the terminal, no being the usual answer; undefined where nobody is there to answer. */
export async function ask(question: string): Promise<boolean | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
