import { execa } from 'execa';
import { HarnessBug, HostError } from '../errors.js';
import type { Requirement } from './requirements.js';

/** The commands that install these Debian packages, as a person would type them; sudo where this is not root. */
export function installCommands(packages: readonly string[]): readonly (readonly string[])[] {
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo'];
  return [
    [...asRoot, 'apt-get', 'update'],
    [...asRoot, 'apt-get', 'install', '--yes', '--no-install-recommends', ...packages],
  ];
}

/**
 * Installs what brings these programs; apt's own output goes to stderr, since stdout may be a document. A package that
 * apt doesn't know keeps nobody from the others.
 *
 * @throws HostError where apt fails, with its exit status; where it knows no such package, with what is missing then
 */
export async function installPackages(missing: readonly Requirement[]): Promise<void> {
  const [update] = installCommands([]);
  await run(update);
  const packages = [...new Set(missing.map((requirement) => requirement.package))];
  const available = await availablePackages(packages);
  const [, install] = installCommands(available);
  if (available.length > 0) await run(install);
  const without = missing.filter((requirement) => !available.includes(requirement.package));
  if (without.length === 0) return;
  throw new HostError(
    `apt has no package ${[...new Set(without.map((requirement) => requirement.package))].join(', ')}`,
    {
      where: `missing without it: ${without.map(({ program, why }) => `${program} (${why})`).join(', ')}`,
      remedy:
        'enable the component or suite that has it (Ubuntu: universe), or install the program in another way' +
        (available.length > 0 ? '; the other packages are installed' : ''),
    },
  );
}

/** Those that apt could install; asked after the update, since it reads lists only. */
async function availablePackages(packages: readonly string[]): Promise<string[]> {
  const words = ['policy', ...packages];
  const { stdout, failed, shortMessage } = await execa('apt-cache', words, {
    env: { LC_ALL: 'C' },
    reject: false,
  });
  if (failed) {
    throw new HostError(`apt can't be asked for packages: ${shortMessage}`, {
      where: ['apt-cache', ...words].join(' '),
      remedy:
        'kmatrix installs packages only on Debian and its derivatives; elsewhere install by hand what kmatrix doctor lists',
    });
  }
  // NAME:, then indented lines; nothing at all for a name that it never heard, (none) for one that can't be installed
  const known = [...stdout.matchAll(/^(\S+):\n(?: .*\n)*? {2}Candidate: (?!\(none\))/gm)].map(
    ([, name]) => name,
  );
  return packages.filter((name) => known.includes(name));
}

async function run([command, ...words]: readonly string[] = []): Promise<void> {
  if (command === undefined) throw new HarnessBug('no command');
  const { failed, exitCode, shortMessage } = await execa(command, words, {
    stdin: 'inherit',
    stdout: process.stderr,
    stderr: 'inherit',
    env: { DEBIAN_FRONTEND: 'noninteractive' },
    reject: false,
  });
  if (!failed) return;
  throw new HostError(`installing packages failed (${exitCode ?? shortMessage})`, {
    where: [command, ...words].join(' '),
    remedy: 'run that command by hand and read what apt says',
  });
}
