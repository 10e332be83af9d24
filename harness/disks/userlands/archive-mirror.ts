import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { withStaging } from '../../cache/staging.js';
import { ImageError } from '../../errors.js';
import { makeFolder } from '../../host/make-folder.js';
import { decompress } from '../../kernels/decompress.js';
import { updateLists } from '../../kernels/fetch/apt/packages.js';
import { type AptRoot, writeAptRoot } from '../../kernels/fetch/apt/private-root.js';
import { mustRunApt } from '../../kernels/fetch/apt/run-apt.js';
import { type FetchContext, step } from '../../kernels/fetch/context.js';
import { asDigest, type Digests } from '../../kernels/fetch/digests.js';
import { download } from '../../kernels/fetch/download.js';
import { fetchPackages } from '../../kernels/fetch/fetch-packages.js';
import { fetchRelease } from '../../kernels/fetch/fetch-release.js';
import { below } from '../../kernels/fetch/layout.js';
import { maximumDebBytes } from '../../kernels/fetch/publish-debs.js';
import type { ArchiveSuite } from '../../matrix/types.js';
import { inPublicFolder } from './public-folder.js';
import { runTool } from './run-tool.js';

/**
 * A mirror in a folder, with a private apt root that reads it: of an archive's suite the index and the packages that are asked for,
 * each verified as a kernel's are (fetchRelease and what follows it). apt and mmdebstrap verify nothing more there: they refuse keys
 * that have expired since, which old suites are signed with.
 *
 * @param choose the packages, once the index can be read: words of `apt-get` that would fetch them
 * @throws ImageError naming what can't be had and from where
 */
export async function withArchiveMirror<T>(
  archive: ArchiveSuite,
  context: FetchContext,
  choose: (root: AptRoot) => Promise<readonly (readonly string[])[]>,
  work: (root: AptRoot) => Promise<T>,
): Promise<T> {
  const { suite, component } = archive;
  const { signal } = context;
  step(context, `reading the index of ${suite}`);
  const index = await fetchPackages(archive, await fetchRelease(archive, context), context);
  return inPublicFolder((mirror) =>
    withStaging(async (folder) => {
      const lists = join(mirror, 'dists', suite);
      const place = join(lists, component, 'binary-amd64');
      await makeFolder(place);
      // apt reads no index whose plain form the Release file doesn't name
      await decompress(createReadStream(index.path), index.compression, index.url, (plain) =>
        pipeline(plain, createWriteStream(join(place, 'Packages'))),
      );
      await writeFile(join(lists, 'Release'), await releaseOf(mirror, archive, signal));
      const uri = `copy:${mirror}`;
      const root = await writeAptRoot(folder, suite, [
        { mirror: { uri, component, signedBy: '' }, suite, trusted: true },
      ]);
      const complaints = await updateLists(root, { signal, maximumAgeHours: 0 });
      if (complaints !== '') {
        throw new ImageError(`apt can't read the index of ${suite}: ${complaints}`, { where: index.url });
      }
      const words = await choose(root);
      for (const one of await fileList(root, words, uri, signal))
        await fetchInto(mirror, archive, one, context);
      return work(root);
    }),
  );
}

/** Of this mirror: it has one index of the suite's many, and which compression is there was our choice. */
async function releaseOf(
  mirror: string,
  { suite, component }: ArchiveSuite,
  signal: AbortSignal,
): Promise<string> {
  const about = { Suite: suite, Codename: suite, Components: component, Architectures: 'amd64' };
  const options = Object.entries(about).map(([key, value]) => `APT::FTPArchive::Release::${key}=${value}`);
  return runTool('apt-ftparchive', [...options.flatMap((one) => ['-o', one]), 'release', `dists/${suite}`], {
    cwd: mirror,
    signal,
    env: {},
  });
}

interface ListedFile {
  /** Below the archive's base URL. */
  readonly path: string;
  /** hello_2.10-3_amd64.deb */
  readonly name: string;
  readonly bytes: number;
  readonly digests: Digests;
}

/** It prints MD5 else, whatever the index has besides. */
const printing = ['--print-uris', '--yes', '-o', 'Acquire::ForceHash=SHA256'];

/** What these commands would fetch, as apt's --print-uris has it: 'URI' NAME BYTES SHA256:DIGEST. */
async function fileList(
  root: AptRoot,
  commands: readonly (readonly string[])[],
  uri: string,
  signal: AbortSignal,
): Promise<readonly ListedFile[]> {
  const files = new Map<string, ListedFile>();
  for (const words of commands) {
    const printed = await mustRunApt(root, 'apt-get', [...printing, ...words], { signal });
    for (const line of printed.split('\n')) {
      const [, from = '', name = '', bytes = '', hex = ''] =
        /^'([^']+)' (\S+) (\d+) ?(?:SHA256:([0-9a-f]+))?$/.exec(line) ?? [];
      if (!from.startsWith(`${uri}/`)) continue;
      const path = decodeURIComponent(from.slice(uri.length + 1));
      files.set(path, { path, name, bytes: Number(bytes), digests: sha256Of(hex, name) });
    }
  }
  return [...files.values()];
}

function sha256Of(hex: string, name: string): Digests {
  const digests = asDigest('sha256', hex);
  if (digests.sha256 !== undefined) return digests;
  throw new ImageError(
    `the index has no SHA-256 of ${name}: the archive is older than any that userlands come from`,
  );
}

async function fetchInto(
  mirror: string,
  archive: ArchiveSuite,
  { path, name, bytes, digests }: ListedFile,
  context: FetchContext,
): Promise<void> {
  step(context, `downloading ${name} (${(bytes / 1e6).toFixed(1)} MB)`);
  const url = below(archive, path);
  const { path: found } = await download(
    { url, what: name, digests, bytes, maximumBytes: maximumDebBytes },
    context,
  );
  const place = join(mirror, path);
  await makeFolder(dirname(place));
  await copyFile(found, place);
}
