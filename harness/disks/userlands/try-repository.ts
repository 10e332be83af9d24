import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withStaging } from '../../cache/staging.js';
import { ImageError } from '../../errors.js';
import { updateLists } from '../../kernels/fetch/apt/packages.js';
import { writeAptRoot } from '../../kernels/fetch/apt/private-root.js';
import { runApt } from '../../kernels/fetch/apt/run-apt.js';
import { inPublicFolder } from './public-folder.js';
import { type FetchedPackage, suites } from './repository.js';

/**
 * Has this host's apt say what it would do with a repository's packages in a system: to install all of them and nothing else. What
 * doesn't fit is found here, and not by each container.
 *
 * @param repository its folder, beside which its key lies
 * @param status the system's /var/lib/dpkg/status
 * @throws ImageError naming the package, and what it needs
 */
export async function tryRepository(
  repository: string,
  status: Buffer,
  packages: readonly Pick<FetchedPackage, 'name'>[],
  signal: AbortSignal,
): Promise<void> {
  // apt names its lists by the whole path, and a file's name is 255 bytes at most
  await inPublicFolder(async (short) => {
    const link = join(short, 'repository');
    await symlink(repository, link);
    for (const suite of suites)
      await trySuite(suite, link, `${repository}.gpg`, { status, packages, signal });
  });
}

interface Trial {
  readonly status: Buffer;
  readonly packages: readonly Pick<FetchedPackage, 'name'>[];
  readonly signal: AbortSignal;
}

function trySuite(
  suite: string,
  repository: string,
  signedBy: string,
  { status, packages, signal }: Trial,
): Promise<void> {
  return withStaging(async (folder) => {
    const mirror = { uri: `copy:${repository}`, component: 'main', signedBy };
    const root = await writeAptRoot(folder, suite, [{ mirror, suite }]);
    await writeFile(join(folder, 'status'), status);
    const complaints = await updateLists(root, { signal, maximumAgeHours: 0 });
    if (complaints !== '') throw unfit(suite, `apt can't read it: ${complaints}`);
    const names = packages.map(({ name }) => name);
    const words = ['--simulate', '--no-install-recommends', 'install', ...names];
    const { stdout, failed, complaints: refused } = await runApt(root, 'apt-get', words, { signal });
    if (failed) throw unfit(suite, `${unmet(stdout)}${refused}`);
    const changed = [...stdout.matchAll(/^(Inst|Remv) (\S+)(?: \[)?/gm)];
    const fresh = changed.filter(([text, verb]) => verb === 'Inst' && !text.endsWith('['));
    const own = names.find((name) => !fresh.some(([, , one]) => one === name));
    if (own !== undefined) throw unfit(suite, `${own} is in the system already`);
    const other = changed.find(([, , one = '']) => !names.includes(one));
    if (other !== undefined) throw unfit(suite, `${other[2]} would be changed along with them`);
  });
}

/** apt's own lines: "less : Depends: libc6 (>= 2.99) but 2.36-9 is to be installed". */
const unmet = (stdout: string): string =>
  stdout
    .split('\n')
    .filter((line) => /^ .*\b(?:Pre)?Depends: /.test(line))
    .map((line) => `${line.trim().replace(/\s+/g, ' ')}; `)
    .join('');

const unfit = (suite: string, why: string): ImageError =>
  new ImageError(`the repository's packages don't fit the system (${suite}): ${why}`, {
    where: 'images/userlands/recipe.yml',
    remedy: 'name there what they need as well, and leave out what the system has',
  });
