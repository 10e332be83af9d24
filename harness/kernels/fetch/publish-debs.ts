import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { withStaging } from '../../cache/staging.js';
import { ImageError } from '../../errors.js';
import type { KernelRow } from '../../matrix/types.js';
import { rowName } from '../binding.js';
import { readBootHeader } from '../boot-header.js';
import { publishKernel } from '../kernel-entries.js';
import type { KernelEntry } from '../types.js';
import { type FetchContext, step } from './context.js';
import { unpackDeb } from './deb.js';
import type { Download } from './download-cache.js';
import { placeKernelFile } from './kernel-layout.js';

/**
 * Unpacks verified packages into one kernel and publishes it under the row's name.
 *
 * @param started performance.now() when the fetching began
 * @throws ImageError where they hold no kernel, or modules of another one only
 */
export async function publishDebs(
  row: KernelRow,
  { debs, provenance }: FetchedDebs,
  started: number,
  context: FetchContext,
): Promise<KernelEntry> {
  return withStaging(async (folder) => {
    for (const { path, url } of debs) {
      context.signal.throwIfAborted();
      step(context, `unpacking ${new URL(url).pathname.split('/').at(-1)}`);
      await unpackDeb(path, folder, { place: placeKernelFile }).catch((error: unknown) => {
        throw namingUrl(error, url);
      });
    }
    const where = debs.map(({ url }) => url).join(' ');
    const release = await releaseOf(folder, where);
    await checkModules(folder, release, where);
    const seconds = (performance.now() - started) / 1000;
    return publishKernel(rowName(row), { folder, release, provenance, seconds });
  });
}

/** The cache's file name says nothing to a reader. */
function namingUrl(error: unknown, url: string): unknown {
  if (!(error instanceof ImageError)) return error;
  const { message, where, remedy = 'use another server, or correct the row in matrix.yml' } = error;
  return new ImageError(message, { where: `${url} (${where})`, remedy, cause: error });
}

async function releaseOf(folder: string, where: string): Promise<string> {
  const bzImage = join(folder, 'bzImage');
  if (existsSync(bzImage)) {
    const { release } = await readBootHeader(bzImage).catch((error: unknown) => {
      throw namingUrl(error, where);
    });
    return release;
  }
  throw new ImageError('no kernel in what was downloaded (boot/vmlinuz-*)', {
    where,
    remedy: 'name the package that has it: linux-image-VERSION-FLAVOUR, no meta, headers or debug package',
  });
}

async function checkModules(folder: string, release: string, where: string): Promise<void> {
  const releases = await readdir(join(folder, 'modules/lib/modules')).catch((): string[] => []);
  if (releases.length === 0 || releases.includes(release)) return;
  throw new ImageError(`the modules are of ${releases.join(', ')}, the kernel is ${release}`, {
    where,
    remedy: 'packages of one kernel have the same version; correct the row',
  });
}

/** Packages that make one kernel, verified, the one with the kernel itself first. */
export interface FetchedDebs {
  readonly debs: readonly Download[];
  /** One line for people, see KernelEntry; what was accepted against good practice is part of it. */
  readonly provenance: string;
}

/** Kernel packages have 10 to 150 MB; with debug information 1 GB. */
export const maximumDebBytes = 2 ** 31;
