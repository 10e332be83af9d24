import { execa } from 'execa';
import { ImageError } from '../../errors.js';

export interface ToolOptions {
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Runs a program that userlands are made with.
 *
 * @returns what it printed
 * @throws ImageError where it is missing or fails, with its own last words
 */
export async function runTool(
  program: string,
  words: readonly string[],
  { cwd, signal, env }: ToolOptions,
): Promise<string> {
  const run = await execa(program, words, {
    cwd,
    env: { ...env, LC_ALL: 'C' },
    cancelSignal: signal,
    stripFinalNewline: false,
    reject: false,
  });
  signal.throwIfAborted();
  if (run.code === 'ENOENT')
    throw new ImageError(`${program} is not installed`, { remedy: 'kmatrix doctor --install' });
  if (!run.failed) return run.stdout;
  throw new ImageError(
    `making the userland's repository failed: ${program}: ${lastLine(run.stderr) || run.shortMessage}`,
    {
      where: [program, ...words].join(' '),
    },
  );
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
