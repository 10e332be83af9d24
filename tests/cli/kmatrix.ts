import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { projectRoot } from '../../harness/host/project.js';
import { hostOfSort } from '../stand-ins/stand-in.js';

/** The command line as built beside this test. */
export const kmatrixScript = join(import.meta.dirname, '../../harness/cli/main.js');

export interface KmatrixOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Milliseconds until it is killed; it isn't by default. */
  readonly timeout?: number;
}

/**
 * Runs kmatrix as a person would: a process of its own, no terminal. On a host without KVM, so that what `auto` finds is the same
 * everywhere.
 */
export const kmatrix = (
  words: readonly string[],
  { env = {}, input = '', timeout = 0 }: KmatrixOptions = {},
) =>
  execa(process.execPath, [kmatrixScript, ...words], {
    reject: false,
    env: { ...hostOfSort('no-device'), ...env },
    input,
    timeout,
    forceKillAfterDelay: 1000,
    cwd: projectRoot,
  });

/**
 * Pids of QEMUs that were started with this text in their environment, which they have from the kmatrix that started them:
 * what a killed run left behind. (A restored machine's command line names no kernel and no kernel arguments.)
 */
export async function pidsWith(text: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return environment.includes(text) && line.includes('qemu-system') ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}

/** Polls until `look` finds something; the test's own time limit ends it otherwise. */
export async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
