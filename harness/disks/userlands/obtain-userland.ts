import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { keyedEntry } from '../../cache/keyed-entry.js';
import { withStaging } from '../../cache/staging.js';
import { HarnessBug, ImageError } from '../../errors.js';
import { sha256 } from '../../host/hash.js';
import { expiredIndex } from '../../kernels/fetch/apt/expired-index.js';
import { describePackages } from '../../kernels/fetch/apt/packages.js';
import type { AptRoot } from '../../kernels/fetch/apt/private-root.js';
import { fetchPackage, withSuite } from '../../kernels/sources/apt.js';
import type { ObtainOptions } from '../../kernels/sources/options.js';
import type { UserlandRow } from '../../matrix/axes.js';
import { canonicalJson } from '../../matrix/canonical-json.js';
import type { UserlandSource } from '../../matrix/userland-source.js';
import { bootstrap } from './bootstrap.js';
import { readRecipe, type UserlandRecipe } from './recipe.js';
import { type FetchedPackage, writeRepository } from './repository.js';
import { toUserland, type Userland, type UserlandFacts, userlandFile } from './userland.js';
import { writeUserlandDisk } from './write-disk.js';

/**
 * The userland of a row: the one that was made of the same source and recipe before, else a new one. One that was made stays as it is,
 * whatever its suite has since, until it is removed from the cache.
 *
 * @throws ImageError where it can't be had: no mirror, no mmdebstrap, a package that isn't there, a form of glibc that isn't known
 */
export async function obtainUserland(row: UserlandRow, options: ObtainOptions): Promise<Userland> {
  const recipe = await readRecipe();
  const { userland: source } = row;
  // raised where anything else that the bytes depend on changes: how mmdebstrap and tar2sqfs are called, the date, the repository
  const key = sha256(canonicalJson({ format: 3, source, recipe }));
  const step = (text: string) => options.onEvent({ type: 'image-step', kernel: row.id, step: text });
  const entry = await keyedEntry(
    'disks',
    key,
    async (staged) => {
      if (options.offline) {
        throw new ImageError(`${row.id} is not in the cache, and this is an offline run`, {
          remedy: 'run once with network',
        });
      }
      return make(row.id, source, { recipe, staged, options, step });
    },
    { onWait: () => step('wait for another run that makes it'), signal: options.signal },
  );
  const userland = toUserland(entry);
  if (userland === undefined) throw new HarnessBug(`the entry of userland ${row.id} doesn't say what it is`);
  return userland;
}

interface Making {
  readonly recipe: UserlandRecipe;
  readonly staged: string;
  readonly options: ObtainOptions;
  readonly step: (text: string) => void;
}

async function make(
  id: string,
  source: UserlandSource,
  { recipe, staged, options, step }: Making,
): Promise<UserlandFacts> {
  const started = performance.now();
  const { apt, lowered } = source;
  return withSuite(id, apt, options, async (root, complaints) => {
    const expired = await expiredIndex(root);
    const packages = await fetchPackages(id, root, complaints, { recipe, options });
    return withStaging(async (extra) => {
      const { signal } = options;
      const common = { leaveOut: recipe.leaveOut, epoch, signal };
      step('make its repository');
      await writeRepository(extra, packages, common);
      const installed = await withStaging(async (scratch) => {
        const tar = join(scratch, 'root.tar');
        const sources = join(root.folder, 'etc/sources.list');
        await bootstrap(tar, { ...common, suite: apt.suite, sources, include: recipe.tools, onStep: step });
        step('make a disk of it');
        const path = join(staged, userlandFile);
        return writeUserlandDisk(createReadStream(tar), { path, extra, lowered, epoch, signal });
      });
      const floor = lowered ? [`glibc's floor lowered from ${lowered.from} to ${lowered.to}`] : [];
      const offered = packages.map(({ name, version }) => `repository ${name} ${version}`);
      const contents = [...installed, ...offered.toSorted(), ...floor];
      return {
        name: lowered ? `${apt.suite}, floor lowered to ${lowered.to}` : apt.suite,
        contents,
        list: sha256(`${contents.join('\n')}\n`),
        provenance: [
          `${installed.length} packages of ${apt.suite} (apt)`,
          ...floor,
          ...(expired === undefined ? [] : [expired]),
        ].join('; '),
        seconds: (performance.now() - started) / 1000,
      };
    });
  });
}

/** Everything in a userland is of one date, so that the same packages make the same files. */
const epoch = 1_700_000_000;

async function fetchPackages(
  id: string,
  root: AptRoot,
  complaints: string,
  { recipe, options }: Pick<Making, 'recipe' | 'options'>,
): Promise<FetchedPackage[]> {
  const { signal } = options;
  const found = await describePackages(root, recipe.repository, { signal });
  const missing = recipe.repository.find((name) => !found.some((one) => one.name === name));
  if (missing !== undefined) {
    throw new ImageError(`no package ${missing} in ${root.suites.join(', ')}`, {
      where: complaints || 'the lists were read without errors',
      remedy: 'name another one in images/userlands/recipe.yml',
    });
  }
  const fetched: FetchedPackage[] = [];
  for (const one of found) {
    const { name, version } = one;
    fetched.push({ name, version, deb: await fetchPackage(root, one, id, options) });
  }
  return fetched;
}
