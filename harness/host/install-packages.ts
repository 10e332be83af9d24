import { execa } from 'execa';
import { HarnessBug, HostError } from '../errors.js';

/** The commands that install these Debian packages, as a person would type them; sudo where this is not root. */
export function installCommands(packages: readonly string[]): readonly (readonly string[])[] {
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo'];
  return [
    [...asRoot, 'apt-get', 'update'],
    [...asRoot, 'apt-get', 'install', '--yes', '--no-install-recommends', ...packages],
  ];
}

/**
 * Runs them; apt's own output goes to stderr, since stdout may be a document.
 *
 * @throws HostError where apt fails, with its exit status
 */
export async function installPackages(packages: readonly string[]): Promise<void> {
  for (const [command, ...words] of installCommands(packages)) {
    if (command === undefined) throw new HarnessBug('no command');
    const { failed, exitCode, shortMessage } = await execa(command, words, {
      stdin: 'inherit',
      stdout: process.stderr,
      stderr: 'inherit',
      env: { DEBIAN_FRONTEND: 'noninteractive' },
      reject: false,
    });
    if (failed) {
      throw new HostError(`installing packages failed (${exitCode ?? shortMessage})`, {
        where: [command, ...words].join(' '),
        remedy: 'run that command by hand and read what apt says',
      });
    }
  }
}
