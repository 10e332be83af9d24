import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { findKeyedEntry, keyedEntry } from '../../cache/keyed-entry.js';
import { withStaging } from '../../cache/staging.js';
import type { StoredEntry } from '../../cache/store.js';
import { HarnessBug, ImageError } from '../../errors.js';
import { sha256 } from '../../host/hash.js';
import type { Patience } from '../../kernels/fetch/context.js';
import { fetchPackage } from '../../kernels/sources/apt.js';
import type { ObtainOptions } from '../../kernels/sources/options.js';
import type { UserlandRow } from '../../matrix/axes.js';
import { canonicalJson } from '../../matrix/canonical-json.js';
import type { UserlandSource } from '../../matrix/userland-source.js';
import { bootstrap } from './bootstrap.js';
import { copySources } from './copy-sources.js';
import { type OpenSuite, withOpenSuite } from './open-suite.js';
import { inPublicFolder } from './public-folder.js';
import { readRecipe, type UserlandRecipe } from './recipe.js';
import { type FetchedPackage, writeRepository } from './repository.js';
import { tryRepository } from './try-repository.js';
import { toUserland, type Userland, type UserlandFacts, userlandFile } from './userland.js';
import { wantedPackages } from './wanted-packages.js';
import { writeUserlandDisk } from './write-disk.js';

export interface UserlandOptions extends ObtainOptions {
  /** With the server of an archive. */
  readonly patience?: Patience;
}

/**
 * The userland of a row: the one that was made of the same source and recipe before, else a new one. One that was made stays as it is,
 * whatever its suite has since, until it is removed from the cache or asked for anew (`refresh`); also then where the suite has nothing
 * new, or can't be had.
 *
 * @throws ImageError where it can't be had: no mirror, no mmdebstrap, a package that isn't there, a form of glibc that isn't known
 */
export async function obtainUserland(row: UserlandRow, options: UserlandOptions): Promise<Userland> {
  const { refresh = false, offline } = options;
  try {
    return await cachedOrMade(row, options, refresh && !offline);
  } catch (error) {
    if (!(refresh && error instanceof ImageError)) throw error;
    const known = await cachedUserland(row);
    if (known === undefined) throw error;
    const step = `not refreshed, the cached one is used: ${error.message}`;
    options.onEvent({ type: 'image-step', kernel: row.id, step });
    return known;
  }
}

/** The one in the cache, verified, or undefined. */
export async function cachedUserland({ id, userland: source }: UserlandRow): Promise<Userland | undefined> {
  const entry = await findKeyedEntry('disks', keyOf(source, await readRecipe(suiteOf(id, source))));
  return entry && toUserland(entry);
}

async function cachedOrMade(row: UserlandRow, options: UserlandOptions, renewed: boolean): Promise<Userland> {
  const { userland: source } = row;
  const suite = suiteOf(row.id, source);
  const recipe = await readRecipe(suite);
  const step = (text: string) => options.onEvent({ type: 'image-step', kernel: row.id, step: text });
  const make = async (staged: string): Promise<UserlandFacts> => {
    if (options.offline) {
      throw new ImageError(`${row.id} is not in the cache, and this is an offline run`, {
        remedy: 'run once with network',
      });
    }
    return makeUserland(row.id, source, { suite, recipe, staged, options, step });
  };
  const entry = await keyedEntry('disks', keyOf(source, recipe), make, {
    onWait: () => step('wait for another run that makes it'),
    signal: options.signal,
    ...(renewed && { renew: hasSameList }),
  });
  const userland = toUserland(entry);
  if (userland === undefined) throw new HarnessBug(`the entry of userland ${row.id} doesn't say what it is`);
  return userland;
}

/** Only the repository's key and signatures differ then, and whatever was made with the disk can stay. */
const hasSameList = (known: StoredEntry, about: unknown): boolean =>
  toUserland(known)?.list === toUserland({ ...known, about })?.list;

function suiteOf(id: string, { apt, archive }: UserlandSource): string {
  const suite = (apt ?? archive)?.suite;
  if (suite === undefined) throw new HarnessBug(`the userland ${id} has no source`);
  return suite;
}

/** Of what the bytes depend on. Beside a mirror the archive doesn't count: it has the same suite. */
function keyOf({ apt, archive, lowered }: UserlandSource, recipe: UserlandRecipe): string {
  const source = { ...(apt ? { apt } : { archive }), ...(lowered && { lowered }) };
  // raised where anything else that they depend on changes: how mmdebstrap and tar2sqfs are called, the date, the repository
  return sha256(canonicalJson({ format: 3, source, recipe }));
}

interface Making {
  readonly suite: string;
  readonly recipe: UserlandRecipe;
  readonly staged: string;
  readonly options: UserlandOptions;
  readonly step: (text: string) => void;
}

async function makeUserland(id: string, source: UserlandSource, making: Making): Promise<UserlandFacts> {
  const started = performance.now();
  const { suite, recipe, options } = making;
  const { lowered } = source;
  return withOpenSuite(id, source, recipe, options, async (opened) => {
    const packages = await fetchWanted(id, opened, making);
    const installed = await writeDisk(opened, packages, source, making);
    const floor = lowered ? [`glibc's floor lowered from ${lowered.from} to ${lowered.to}`] : [];
    const offered = packages.map(({ name, version }) => `repository ${name} ${version}`);
    const contents = [...installed, ...offered.toSorted(), ...floor];
    return {
      name: lowered ? `${suite}, floor lowered to ${lowered.to}` : suite,
      contents,
      list: sha256(`${contents.join('\n')}\n`),
      provenance: [
        `${installed.length} packages of ${suite} (${opened.from})`,
        ...floor,
        ...opened.marks,
      ].join('; '),
      seconds: (performance.now() - started) / 1000,
    };
  });
}

/** Everything in a userland is of one date, so that the same packages make the same files. */
const epoch = 1_700_000_000;

/** @returns what is installed on the disk that was written */
function writeDisk(
  { root, sources }: OpenSuite,
  packages: readonly FetchedPackage[],
  { lowered }: UserlandSource,
  { suite, recipe, staged, options: { signal }, step }: Making,
): Promise<readonly string[]> {
  const common = { leaveOut: recipe.leaveOut, epoch, signal };
  return withStaging(async (extra) => {
    step('make its repository');
    await writeRepository(extra, packages, common);
    return withStaging(async (scratch) => {
      const tar = join(scratch, 'root.tar');
      const own = await inPublicFolder(async (folder) => {
        const copied = await copySources(root, folder);
        await bootstrap(tar, { ...common, suite, sources: copied.path, include: recipe.tools, onStep: step });
        return sources ?? copied.own;
      });
      step('make a disk of it');
      const path = join(staged, userlandFile);
      const disk = { path, extra, lowered, sources: own, epoch, signal };
      const { packages: installed, status } = await writeUserlandDisk(createReadStream(tar), disk);
      await tryRepository(join(extra, 'repository'), status, packages, signal);
      return installed;
    });
  });
}

async function fetchWanted(
  id: string,
  { root, complaints }: OpenSuite,
  { recipe, options }: Making,
): Promise<FetchedPackage[]> {
  const fetched: FetchedPackage[] = [];
  for (const one of await wantedPackages(root, complaints, recipe, options.signal)) {
    const { name, version } = one;
    fetched.push({ name, version, deb: await fetchPackage(root, one, id, options) });
  }
  return fetched;
}
