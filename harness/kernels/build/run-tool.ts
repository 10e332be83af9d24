import { execa } from 'execa';
import { HostError, ImageError } from '../../errors.js';
import { printable } from '../../host/printable.js';

export interface ToolOptions {
  /** What the call is for, for messages: "unpacking linux-3.2.71.tar.xz". */
  readonly purpose: string;
  readonly signal: AbortSignal;
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Exit codes that are answers, not failures. */
  readonly accept?: readonly number[];
}

export interface ToolResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program of the host to its end and returns what it said.
 *
 * @throws HostError where it isn't installed, ImageError with its last words where it fails, the signal's reason
 */
export async function runTool(
  program: string,
  words: readonly string[],
  options: ToolOptions,
): Promise<ToolResult> {
  const { purpose, signal, folder, environment, accept = [0] } = options;
  signal.throwIfAborted();
  const result = await execa(program, words, {
    ...(folder !== undefined && { cwd: folder }),
    env: { LC_ALL: 'C', ...environment },
    cancelSignal: signal,
    stdin: 'ignore',
    reject: false,
    // tar names each file that it can't write; the last ones are enough
    maxBuffer: 16 * 1024 * 1024,
  });
  signal.throwIfAborted();
  if (result.code === 'ENOENT') {
    throw new HostError(`${purpose}: ${program} is not installed`, {
      remedy: 'run kmatrix doctor --install, or install its package',
    });
  }
  const exitCode = result.exitCode ?? -1;
  if (accept.includes(exitCode)) return { exitCode, stdout: result.stdout, stderr: result.stderr };
  const said = lastLines(result.stderr || result.stdout || result.shortMessage || '');
  if (/No space left on device/.test(said)) {
    throw new HostError(`${purpose}: no space left on device`, {
      where: folder,
      remedy: 'free space, or name another folder in KMATRIX_CACHE',
    });
  }
  throw new ImageError(`${purpose} failed: ${said}`, {
    where: `${program} ${words[0] ?? ''}`,
    cause: result,
  });
}

const lastLines = (text: string): string => printable(text.trimEnd().split('\n').slice(-3).join('; '), 600);

/**
 * Lets its owner change a scratch copy, which is patched, cleaned and removed: cp and tar keep the modes of a tree that
 * nobody may write to (chmod -R a-w). The modes of any other stay as they are, and links are left alone (chmod(1)).
 */
export async function makeCopyWritable(copy: string, signal: AbortSignal): Promise<void> {
  await runTool('chmod', ['--recursive', 'u+rwX', copy], { purpose: 'making the copy writable', signal });
}
