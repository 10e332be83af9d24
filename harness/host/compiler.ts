import { execa } from 'execa';
import { HostError } from '../errors.js';

export interface Compiler {
  readonly command: string;
  /** First line of --version. */
  readonly version: string;
}

/** The compiler by name, with its version. @throws HostError where there is none */
export async function findCompiler(command: string): Promise<Compiler> {
  const { stdout, failed, cause } = await execa(command, ['--version'], { reject: false, timeout: 60_000 });
  if (!failed) return { command, version: stdout.split('\n', 1)[0] ?? '' };
  throw new HostError(`no ${command}: the guest can't be compiled`, {
    remedy: 'kmatrix doctor --install',
    cause,
  });
}
