import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { withStaging } from '../../cache/staging.js';
import { ImageError } from '../../errors.js';
import { unpackDeb } from '../../kernels/fetch/deb.js';
import { runTool } from './run-tool.js';

/** A package as it was fetched. */
export interface FetchedPackage {
  readonly name: string;
  readonly version: string;
  /** Path of the .deb. */
  readonly deb: string;
}

export interface RepositoryOptions {
  /** Folders that no package fills. */
  readonly leaveOut: readonly string[];
  /** Seconds since 1970: the date of everything in it. */
  readonly epoch: number;
  readonly signal: AbortSignal;
}

/** What a raised version ends in. */
const raised = '+kmatrix1';

/**
 * Writes what containers install from into a folder: `repository/`, with the packages as they are in the suite `first` and repacked
 * under a raised version in `raised`; the key that signed both, made for this one; `packages`, with the two versions of each; and
 * `sums/NAME`, what sha256sum checks once it is installed.
 *
 * @throws ImageError where a tool is missing or fails, with its own words
 */
export async function writeRepository(
  folder: string,
  packages: readonly FetchedPackage[],
  { leaveOut, epoch, signal }: RepositoryOptions,
): Promise<void> {
  const call = (program: string, words: readonly string[], cwd: string, env: Record<string, string> = {}) =>
    runTool(program, words, { cwd, signal, env: { ...env, SOURCE_DATE_EPOCH: String(epoch) } });
  const repository = join(folder, 'repository');
  const sums = join(folder, 'sums');
  await mkdir(sums, { recursive: true });
  await withStaging(async (scratch) => {
    for (const { name, version, deb } of packages) {
      const pool = (suite: string) => join(repository, 'pool', suite);
      for (const suite of suites) await mkdir(pool(suite), { recursive: true });
      const own = join(scratch, name);
      await call('dpkg-deb', ['--raw-extract', deb, own], scratch);
      await copyFile(deb, join(pool('first'), `${name}.deb`));
      await raiseVersions(join(own, 'DEBIAN/control'), version, packages);
      await call('dpkg-deb', [...packed, own, join(pool('raised'), `${name}.deb`)], scratch);
      await appendFile(join(folder, 'packages'), `${name} ${version} ${version}${raised}\n`);
      await writeFile(join(sums, name), await sumsOf(deb, join(scratch, `${name}.files`), leaveOut));
    }
    for (const suite of suites) await writeIndex(repository, suite, call);
    await sign(folder, call);
  });
}

export const suites = ['first', 'raised'] as const;
type Call = (
  program: string,
  words: readonly string[],
  cwd: string,
  env?: Record<string, string>,
) => Promise<string>;

/** gzip is what every dpkg reads. */
const packed = ['--root-owner-group', '-Zgzip', '--build'];

/** The package's own version, and that of each package of the repository which it needs in exactly its version. */
async function raiseVersions(
  control: string,
  version: string,
  packages: readonly Pick<FetchedPackage, 'name' | 'version'>[],
): Promise<void> {
  const text = await readFile(control, 'utf8');
  const own = text.replace(`\nVersion: ${version}\n`, `\nVersion: ${version}${raised}\n`);
  if (own === text) throw new ImageError(`no version ${version} to raise`, { where: control });
  const changed = packages.reduce((sofar, { name, version: needed }) => {
    const exact = `${name} (= ${needed})`;
    // a name may end in another's
    const pattern = new RegExp(`(?<=[\\s,|])${exact.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`, 'g');
    return sofar.replace(pattern, () => `${name} (= ${needed}${raised})`);
  }, own);
  await writeFile(control, changed);
}

/** Paths are the package's own: /lib may be a link to /usr/lib where it is installed. */
async function sumsOf(deb: string, folder: string, leaveOut: readonly string[]): Promise<string> {
  const isLeftOut = (path: string) => leaveOut.some((one) => path.startsWith(`${one}/`));
  await mkdir(folder);
  await unpackDeb(deb, folder, { place: (path) => (isLeftOut(path) ? undefined : path) });
  const lines: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    lines.push(`${hash.digest('hex')}  ${path.slice(folder.length + 1)}\n`);
  }
  return lines.toSorted().join('');
}

async function writeIndex(repository: string, suite: string, call: Call): Promise<void> {
  const lists = join(repository, 'dists', suite, 'main/binary-amd64');
  await mkdir(lists, { recursive: true });
  await writeFile(
    join(lists, 'Packages'),
    await call('apt-ftparchive', ['packages', `pool/${suite}`], repository),
  );
  const about = { Suite: suite, Codename: suite, Components: 'main', Architectures: 'amd64' };
  const options = Object.entries(about).flatMap(([key, value]) => [
    '-o',
    `APT::FTPArchive::Release::${key}=${value}`,
  ]);
  const release = await call('apt-ftparchive', [...options, 'release', `dists/${suite}`], repository);
  await writeFile(join(repository, 'dists', suite, 'Release'), release);
}

/** RSA, which the gpgv of every suite knows. Nobody else has the key: it is gone when this returns. */
async function sign(folder: string, call: Call): Promise<void> {
  // a short path, which the cache's need not be: gpg-agent's socket lies in it (unix(7): 108 bytes)
  const home = await mkdtemp(join(tmpdir(), 'kmatrix-key-'));
  const gpg = (...words: string[]) =>
    call('gpg', ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...words], folder, {
      GNUPGHOME: home,
    });
  try {
    await gpg('--quick-generate-key', 'kmatrix userland', 'rsa3072', 'sign', 'never');
    for (const suite of suites) {
      const release = `repository/dists/${suite}`;
      await gpg('--clearsign', '--output', `${release}/InRelease`, `${release}/Release`);
      await gpg('--detach-sign', '--armor', '--output', `${release}/Release.gpg`, `${release}/Release`);
    }
    await gpg('--output', 'repository.gpg', '--export');
  } finally {
    await execa('gpgconf', ['--kill', 'all'], { env: { GNUPGHOME: home }, reject: false });
    await rm(home, { recursive: true, force: true });
  }
}
