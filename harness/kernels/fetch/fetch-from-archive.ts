import { ImageError } from '../../errors.js';
import type { ArchiveSource } from '../../matrix/types.js';
import { type FetchContext, remembering, step } from './context.js';
import { download } from './download.js';
import type { Download } from './download-cache.js';
import { fetchPackages, warnOfWeakDigest } from './fetch-packages.js';
import { fetchRelease } from './fetch-release.js';
import { findPackages, type IndexedPackage, type PackagesFile } from './find-packages.js';
import { below } from './layout.js';
import { type FetchedDebs, maximumDebBytes } from './publish-debs.js';

/**
 * The packages of a row from a Debian-layout archive: Release and signature, Packages, then each .deb, every step
 * verified by the one before.
 *
 * @throws ImageError naming the URL and a remedy, HostError without the tools or space
 */
export async function fetchFromArchive(source: ArchiveSource, context: FetchContext): Promise<FetchedDebs> {
  const noting = remembering(context);
  step(noting, `reading the index of ${source.suite}`);
  const index = await fetchPackages(source, await fetchRelease(source, noting), noting);
  const packages = await choose(source, index);
  const debs: Download[] = [];
  // one after the other: it is one host
  for (const one of packages) debs.push(await fetchDeb(source, one, noting));
  const names = packages.map(({ name }) => name).join(' + ');
  const from = [source.suite, source.timestamp].filter(Boolean).join(' at ');
  const remarks = noting.warnings.length === 0 ? '' : `; ${noting.warnings.join('; ')}`;
  return { debs, provenance: `${names} ${packages[0]?.version} from ${from} (archive${remarks})` };
}

/** The image, and companions of the very same version: modules of another build don't load. */
async function choose(source: ArchiveSource, index: PackagesFile): Promise<IndexedPackage[]> {
  const [image] = await findPackages(index, [source.package]);
  if (image === undefined) {
    throw new ImageError(`no package for amd64 matches ${source.package}`, {
      where: index.url,
      remedy: 'correct package, suite or component of the row in matrix.yml',
    });
  }
  const companions: IndexedPackage[] = [];
  for (const pattern of source.companions ?? []) {
    const matches = await findPackages(index, [pattern]);
    const fitting = matches.find(({ version }) => version === image.version);
    if (fitting === undefined) {
      const versions = [...new Set(matches.map(({ version }) => version))].slice(0, 5);
      throw new ImageError(`no package ${pattern} of version ${image.version}, as ${image.name} has`, {
        where: index.url,
        remedy: versions.length > 0 ? `there are ${versions.join(', ')}` : 'correct companions of the row',
      });
    }
    companions.push(fitting);
  }
  return [image, ...companions];
}

function fetchDeb(source: ArchiveSource, one: IndexedPackage, context: FetchContext): Promise<Download> {
  const { name, version, path, bytes, digests } = one;
  const what = `${name} ${version}`;
  warnOfWeakDigest(what, digests, context);
  step(context, `downloading ${what} (${(bytes / 1e6).toFixed(1)} MB)`);
  return download({ url: below(source, path), what, digests, bytes, maximumBytes: maximumDebBytes }, context);
}
