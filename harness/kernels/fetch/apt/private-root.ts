import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../../host/cache.js';
import { withFileErrors } from '../../../host/file-errors.js';
import { sha256 } from '../../../host/hash.js';
import { makeFolder } from '../../../host/make-folder.js';
import type { AptSource } from '../../../matrix/types.js';
import type { Mirror } from './host-mirrors.js';

/** An apt of our own for one suite: own lists, own cache, own sources; proxies, keys and limits are the host's. */
export interface AptRoot {
  readonly folder: string;
  readonly suite: string;
  /** The suites its sources name, the wanted one first. */
  readonly suites: readonly string[];
  /** First words of every apt command. */
  readonly options: readonly string[];
}

/**
 * Makes the root, or brings its files up to date with the host's mirrors. Different mirrors get different roots.
 *
 * @throws HostError where the cache can't be written
 */
export async function makeAptRoot(
  source: Pick<AptSource, 'distribution' | 'suite'>,
  mirrors: readonly Mirror[],
): Promise<AptRoot> {
  const lines = sourcesOf(source.suite, mirrors);
  const identity = sha256(
    lines.map(({ mirror, suite }) => `${mirror.uri} ${suite} ${mirror.signedBy}`).join('\n'),
  );
  const folder = await cacheFolder('apt', `${source.distribution}-${source.suite}-${identity.slice(0, 12)}`);
  return writeAptRoot(folder, source.suite, lines);
}

/** Writes a root's files into a folder that is there. */
export async function writeAptRoot(
  folder: string,
  suite: string,
  lines: readonly SourcesLine[],
): Promise<AptRoot> {
  await withFileErrors(folder, async () => {
    for (const name of ['state/lists/partial', 'cache/archives/partial', 'etc']) {
      await makeFolder(join(folder, name));
    }
    await writeFile(join(folder, 'status'), '');
    await writeFile(join(folder, 'etc', 'apt.conf'), configuration(folder));
    const written = await Promise.all(lines.map((line, index) => sourcesLine(line, folder, index)));
    await writeFile(join(folder, 'etc', 'sources.list'), written.join(''));
  });
  return {
    folder,
    suite,
    suites: lines.map((line) => line.suite),
    options: ['-c', join(folder, 'etc', 'apt.conf')],
  };
}

/** A line of sources.list(5). */
export interface SourcesLine {
  /** Without `suite`: that of the line counts. */
  readonly mirror: Pick<Mirror, 'uri' | 'component' | 'signedBy'>;
  readonly suite: string;
  /** Of a mirror in a folder of ours, whose files were verified when they were put there. */
  readonly trusted?: true;
}

/** Suffixes under which fixes of a suite appear; sid, experimental and backports have none. */
const companions = ['-updates', '-security'];

/**
 * The suite itself from the mirror of the host's own main suite, and its -updates and -security from wherever the host
 * has those of its own suite.
 */
function sourcesOf(wanted: string, mirrors: readonly Mirror[]): SourcesLine[] {
  const isCompanion = (suite: string) => companions.some((suffix) => suite.endsWith(suffix));
  const bases = unique(mirrors.filter(({ suite }) => !isCompanion(suite)));
  const base = (bases.length > 0 ? bases : unique(mirrors)).map((mirror) => ({ mirror, suite: wanted }));
  const rolling = /^(sid|unstable|experimental|rc-buggy)$|-/.test(wanted);
  const fixes = rolling
    ? []
    : companions.flatMap((suffix) =>
        unique(mirrors.filter(({ suite }) => suite.endsWith(suffix))).map((mirror) => ({
          mirror,
          suite: `${wanted}${suffix}`,
        })),
      );
  return [...base, ...fixes];
}

const unique = (mirrors: readonly Mirror[]): Mirror[] =>
  mirrors.filter(({ uri }, index) => mirrors.findIndex((other) => other.uri === uri) === index);

async function sourcesLine(
  { mirror, suite, trusted }: SourcesLine,
  folder: string,
  index: number,
): Promise<string> {
  let signedBy = mirror.signedBy;
  if (signedBy.startsWith('-----BEGIN')) {
    signedBy = join(folder, 'etc', `key-${index}.asc`);
    await writeFile(signedBy, `${mirror.signedBy}\n`);
  }
  const options = [
    'arch=amd64',
    'target=Packages',
    ...(trusted ? ['trusted=yes'] : []),
    ...(signedBy ? [`signed-by=${signedBy.split(/\s+/).join(',')}`] : []),
  ];
  return `deb [${options.join(' ')}] ${mirror.uri} ${suite} ${mirror.component}\n`;
}

/** Read after the host's own configuration (apt.conf(5), -c), so it can take back what must not run here. */
const configuration = (folder: string): string => `
Dir::State "${folder}/state";
// a host may have these apart, by an absolute path
Dir::State::lists "${folder}/state/lists";
Dir::State::status "${folder}/status";
Dir::Cache "${folder}/cache";
// container images switch it off, and then every call reads all lists again (1.5 s instead of 0.2 s)
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "";
Dir::Etc::sourcelist "${folder}/etc/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
APT::Architecture "amd64";
#clear APT::Architectures;
APT::Architectures "amd64";
#clear APT::Update;
#clear APT::Default-Release;
Acquire::Languages "none";
// the cache lies in a home folder, where apt's own user may not go; what it fetches is verified all the same
APT::Sandbox::User "";
// a suite that has reached its end keeps a Release file whose date has passed, and sid's may be late: it is used, and said
// aloud (expired-index.ts); the signature counts as before
Acquire::Check-Valid-Until "false";
Acquire::Retries "3";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
`;
