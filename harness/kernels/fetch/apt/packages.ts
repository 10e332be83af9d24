import { stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageError } from '../../../errors.js';
import { withFileErrors } from '../../../host/file-errors.js';
import { sha256File } from '../../../host/hash.js';
import { matchesAny } from '../../../matrix/glob.js';
import { newestFirst } from '../newest-first.js';
import type { AptRoot } from './private-root.js';
import { type AptCall, mustRunApt, runApt } from './run-apt.js';

/** A package of a suite as its index describes it. */
export interface AptPackage {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Packages named in Depends, versions left out, the first of alternatives. */
  readonly depends: readonly string[];
}

export interface UpdateOptions extends AptCall {
  /** Lists younger than this are used as they are. */
  readonly maximumAgeHours: number;
}

/**
 * Brings the suite's lists up to date. Where that fails, older lists remain in use.
 *
 * @returns apt's complaints, '' for none; whoever then doesn't find a package can say why
 */
export async function updateLists(
  root: AptRoot,
  { maximumAgeHours, ...call }: UpdateOptions,
): Promise<string> {
  const stamp = join(root.folder, 'updated');
  const age = await stat(stamp).then(
    ({ mtimeMs }) => (Date.now() - mtimeMs) / 3_600_000,
    () => Number.POSITIVE_INFINITY,
  );
  if (age < maximumAgeHours) return '';
  const { failed, complaints } = await runApt(root, 'apt-get', ['update'], call);
  if (failed || complaints !== '') return complaints;
  const now = new Date();
  await withFileErrors(stamp, async () => {
    await writeFile(stamp, '');
    await utimes(stamp, now, now);
  });
  return '';
}

/** Newest package whose name matches the glob (newestFirst). */
export async function newestPackage(
  root: AptRoot,
  glob: string,
  call?: AptCall,
): Promise<AptPackage | undefined> {
  const prefix = /^[^*?]*/.exec(glob)?.[0] ?? '';
  const names = (await mustRunApt(root, 'apt-cache', ['pkgnames', prefix], call)).split('\n');
  const matching = names.filter((name) => matchesAny(name, [glob]) && !/-(dbg|dbgsym)$/.test(name));
  if (matching.length === 0) return undefined;
  const packages = await describePackages(root, matching, call);
  return packages.toSorted(newestFirst)[0];
}

/** These packages, each at its newest version in the suite; names that it doesn't have are left out. */
export async function describePackages(
  root: AptRoot,
  names: readonly string[],
  call?: AptCall,
): Promise<AptPackage[]> {
  if (names.length === 0) return [];
  // fails where one of them is purely virtual, and prints the others
  const { stdout } = await runApt(root, 'apt-cache', ['--no-all-versions', 'show', ...names], call);
  return stdout
    .split(/\n\n+/)
    .flatMap((stanza) => parseStanza(stanza))
    .filter(({ name }) => names.includes(name));
}

function parseStanza(stanza: string): AptPackage[] {
  const field = (name: string) => new RegExp(`^${name}: *(.*)$`, 'im').exec(stanza)?.[1] ?? '';
  const [name, version, sha256] = [field('Package'), field('Version'), field('SHA256')];
  if (!name || !version || !/^[0-9a-f]{64}$/.test(sha256)) return [];
  const depends = `${field('Pre-Depends')},${field('Depends')}`
    .split(',')
    .map((one) => /^\s*([a-z0-9][a-z0-9+.-]*)/i.exec(one)?.[1] ?? '')
    .filter(Boolean);
  return [{ name, version, sha256, bytes: Number(field('Size')), depends }];
}

/**
 * Downloads a package into a folder; apt checks it against the signed lists, and its SHA-256 is compared once more.
 *
 * @returns its path
 */
export async function downloadPackage(
  root: AptRoot,
  { name, version, sha256 }: AptPackage,
  folder: string,
  call?: AptCall,
): Promise<string> {
  const words = ['download', `${name}=${version}`];
  await mustRunApt(root, 'apt-get', words, { ...call, folder });
  // apt writes an epoch's colon as %3a
  const stem = `${name}_${version.replaceAll(':', '%3a')}`;
  const path = await firstThatExists([join(folder, `${stem}_amd64.deb`), join(folder, `${stem}_all.deb`)]);
  if (path === undefined || (await sha256File(path)) !== sha256) {
    throw new ImageError(
      `the package ${name} ${version} is not what the suite's signed index says (SHA-256)`,
      {
        where: path ?? folder,
        remedy: 'the mirror may be in the middle of an update: try again later',
      },
    );
  }
  return path;
}

async function firstThatExists(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await stat(path).catch(() => undefined)) return path;
  return undefined;
}
