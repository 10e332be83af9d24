import { existsSync } from 'node:fs';
import { readdir, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { withStaging } from '../../cache/staging.js';
import { ImageError } from '../../errors.js';
import { cacheFolder } from '../../host/cache.js';
import { sha256File } from '../../host/hash.js';
import { withLock } from '../../host/lock.js';
import type { AptSource, KernelRow } from '../../matrix/types.js';
import { rowName } from '../binding.js';
import { type BootHeader, readBootHeader } from '../boot-header.js';
import { expiredIndex } from '../fetch/apt/expired-index.js';
import { hostMirrors } from '../fetch/apt/host-mirrors.js';
import {
  type AptPackage,
  describePackages,
  downloadPackage,
  newestPackage,
  updateLists,
} from '../fetch/apt/packages.js';
import { type AptRoot, makeAptRoot } from '../fetch/apt/private-root.js';
import { unpackDeb } from '../fetch/deb.js';
import { placeKernelFile } from '../fetch/kernel-layout.js';
import { publishKernel } from '../kernel-entries.js';
import type { KernelEntry } from '../types.js';
import type { ObtainOptions } from './options.js';

/**
 * A distribution's kernel from the mirror of this host's own apt, verified by apt, unpacked and published.
 *
 * @throws ImageError where host, suite or package don't have it, with apt's own words
 */
export async function obtainApt(
  row: KernelRow,
  source: AptSource,
  options: ObtainOptions,
): Promise<KernelEntry> {
  const started = performance.now();
  const { signal } = options;
  const step = (text: string) => options.onEvent({ type: 'image-step', kernel: row.id, step: text });
  return withSuite(row.id, source, options, async (root, complaints) => {
    const expired = await expiredIndex(root);
    if (expired !== undefined) {
      const warning = `used anyway: ${expired}`;
      options.onEvent({ type: 'image-warning', kernel: row.id, warning });
    }
    const packages = await resolve(root, source, complaints, signal);
    return withStaging(async (staged) => {
      for (const one of packages) {
        step(`fetch ${one.name} ${one.version}`);
        const deb = await fetchPackage(root, one, row.id, options);
        step(`unpack ${one.name}`);
        await unpackDeb(deb, staged, { place: placeKernelFile });
      }
      const [main] = packages;
      const { release } = await headerOf(staged, main);
      const marks = expired === undefined ? '' : `; ${expired}`;
      const provenance = `${main.name} ${main.version} from ${source.suite} (apt), SHA-256 ${main.sha256}${marks}`;
      const seconds = (performance.now() - started) / 1000;
      return publishKernel(rowName(row), { folder: staged, release, provenance, seconds });
    });
  });
}

/** A suite's private root with lists as fresh as can be had, under a lock: apt's own locks don't wait. */
export async function withSuite<T>(
  kernel: string,
  source: Pick<AptSource, 'distribution' | 'suite'>,
  { onEvent, offline, signal, refresh = false }: ObtainOptions,
  work: (root: AptRoot, complaints: string) => Promise<T>,
): Promise<T> {
  const root = await makeAptRoot(source, await hostMirrors(source.distribution));
  const onWait = () =>
    onEvent({ type: 'image-step', kernel, step: `waiting for another run (${source.suite})` });
  return withLock(
    join(root.folder, 'lock'),
    async () => {
      if (offline) return work(root, offlineComplaint);
      const step = `read the package lists of ${source.suite}`;
      onEvent({ type: 'image-step', kernel, step });
      const complaints = await updateLists(root, {
        signal,
        maximumAgeHours: refresh ? 0 : listHours,
        onFraction: (fraction) => onEvent({ type: 'image-progress', kernel, step, fraction }),
      });
      return work(root, complaints);
    },
    { onWait, signal },
  );
}

const offlineComplaint = 'this is an offline run: the lists were not fetched';

/** Stable suites change every few weeks; a mirror asked twice a day is asked politely. */
const listHours = 12;

/** The package that stands for the kernel, then those that hold parts of it. */
async function resolve(
  root: AptRoot,
  source: AptSource,
  complaints: string,
  signal: AbortSignal,
): Promise<readonly [AptPackage, ...AptPackage[]]> {
  const named = await newestPackage(root, source.package, { signal });
  if (named === undefined) {
    throw new ImageError(`no package ${source.package} in ${root.suites.join(', ')}`, {
      where: complaints || 'the lists were read without errors',
      remedy: remedyFor(complaints),
    });
  }
  const main = await followMeta(root, named, signal);
  const release = main.name.replace(/^linux-image-(unsigned-)?/, '');
  // Ubuntu keeps modules apart, Debian since 7.x the kernel too (linux-binary) and its config (linux-base)
  const parts = main.depends.filter(
    (name) => /^linux-(modules|binary|base)-/.test(name) && name.endsWith(`-${release}`),
  );
  const wanted = [...parts, `linux-modules-extra-${release}`];
  return [main, ...(await describePackages(root, wanted, { signal }))];
}

function remedyFor(complaints: string): string {
  if (complaints === offlineComplaint) return 'run once with a network connection';
  return complaints
    ? 'if the suite has left the mirror, use the archive source'
    : 'the suite may have newer ones: apt-cache search linux-image';
}

/** linux-image-cloud-amd64 holds nothing itself; it depends on the newest of its flavour. */
async function followMeta(root: AptRoot, named: AptPackage, signal: AbortSignal): Promise<AptPackage> {
  const next = named.depends.find((name) => /^linux-image-(unsigned-)?\d/.test(name));
  if (next === undefined) return named;
  const [found] = await describePackages(root, [next], { signal });
  if (found !== undefined) return found;
  throw new ImageError(`${named.name} needs ${next}, which the suite doesn't have`, {
    where: root.suites.join(', '),
    remedy: 'the mirror may be in the middle of an update: try again later',
  });
}

/** Packages stay in the cache by their SHA-256, so that a second row or a rebuilt entry needs no network. */
export async function fetchPackage(
  root: AptRoot,
  one: AptPackage,
  kernel: string,
  { onEvent, offline, signal }: ObtainOptions,
): Promise<string> {
  const folder = await cacheFolder('downloads', one.sha256);
  const [kept] = (await readdir(folder)).filter((name) => name.endsWith('.deb'));
  if (kept !== undefined) {
    const path = join(folder, kept);
    if ((await sha256File(path)) === one.sha256) {
      const now = new Date();
      // for prune; apt gives the file itself the server's date
      await utimes(folder, now, now).catch(() => undefined);
      return path;
    }
    await rm(path);
  }
  if (offline) {
    throw new ImageError(`${one.name} ${one.version} is not in the cache, and this is an offline run`, {
      remedy: 'run once with a network connection',
    });
  }
  const step = `fetch ${one.name}`;
  const onFraction = (fraction: number) => onEvent({ type: 'image-progress', kernel, step, fraction });
  return downloadPackage(root, one, folder, { signal, onFraction });
}

async function headerOf(staged: string, { name, version }: AptPackage): Promise<BootHeader> {
  const path = join(staged, 'bzImage');
  if (existsSync(path)) return readBootHeader(path);
  throw new ImageError(`the package ${name} ${version} has no kernel in it (boot/vmlinuz-*)`, {
    remedy: 'name the package that has: linux-image-VERSION-FLAVOUR, not a meta, headers or debug package',
  });
}
