import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { HostError } from '../../errors.js';
import { runTool } from './run-tool.js';

/** The compiler and linker of this host, as far as they decide what comes out of a build. */
export interface Toolchain {
  /** 12.2.0 */
  readonly gcc: string;
  readonly gccMajor: number;
  /** First lines of --version: a distribution's patches show in them. */
  readonly identity: string;
  readonly ccache: boolean;
}

/** @throws HostError where gcc or ld is missing, or gcc says no version */
export async function findToolchain(signal: AbortSignal): Promise<Toolchain> {
  const ask = async (program: string, words: readonly string[]): Promise<string> => {
    const { stdout } = await runTool(program, words, { purpose: 'looking at the compiler', signal });
    return stdout.split('\n')[0]?.trim() ?? '';
  };
  const gcc = await ask('gcc', ['-dumpfullversion', '-dumpversion']);
  const gccMajor = Number.parseInt(gcc, 10);
  if (!(gccMajor > 0))
    throw new HostError(`gcc says that its version is '${gcc}'`, { remedy: 'install the package gcc' });
  const identity = `${await ask('gcc', ['--version'])}; ${await ask('ld', ['--version'])}`;
  return { gcc, gccMajor, identity, ccache: await isOnPath('ccache') };
}

async function isOnPath(program: string): Promise<boolean> {
  for (const folder of (process.env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const found = await access(join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}
