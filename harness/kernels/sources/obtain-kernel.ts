import { HostError, ImageError, messageOf } from '../../errors.js';
import { cacheFolder } from '../../host/cache.js';
import { withLock } from '../../host/lock.js';
import type { KernelRow } from '../../matrix/types.js';
import { versionOfRelease } from '../../versions/kernel-version.js';
import { importedName, readBinding, rowName } from '../binding.js';
import { askedKey } from '../build/recipe.js';
import type { KernelEntry } from '../types.js';
import { obtainApt } from './apt.js';
import { obtainArchive } from './archive.js';
import { cachedKernel } from './cached-kernel.js';
import { obtainFile } from './file.js';
import { obtainImported } from './imported.js';
import type { ObtainOptions } from './options.js';
import { obtainTree } from './tree.js';
import { obtainUrl } from './url.js';

/**
 * The kernel of a row: from the cache where the row as written was obtained before, else from its source. Two runs that
 * want the same row wait for each other.
 *
 * @throws ImageError where it can't be had, HostError for this host's troubles, the signal's reason
 */
export async function obtainKernel(row: KernelRow, options: ObtainOptions): Promise<KernelEntry> {
  const started = performance.now();
  const ready = (kernel: KernelEntry, cached: boolean): KernelEntry => {
    const seconds = (performance.now() - started) / 1000;
    options.onEvent({ type: 'image-ready', kernel: row.id, release: kernel.release, seconds, cached });
    return kernel;
  };
  const known = await findKnown(row, options);
  if (known !== undefined && !(await isOutOfDate(row, known))) return ready(known, true);
  const lock = `${await cacheFolder('locks')}/row-${row.id.replace(/[^A-Za-z0-9._-]/g, '_')}`;
  const onWait = () =>
    options.onEvent({ type: 'image-step', kernel: row.id, step: 'waiting for another run' });
  return withLock(
    lock,
    async () => {
      const meanwhile = await findKnown(row, options);
      if (meanwhile !== undefined && !(await isOutOfDate(row, meanwhile))) return ready(meanwhile, true);
      return await newest(row, options, ready);
    },
    { onWait, signal: options.signal },
  );
}

/** Files are read each time, a tree's kernel stands under the row's id; the rest is known by the row's text. */
async function findKnown(
  row: KernelRow,
  { refresh = false }: ObtainOptions,
): Promise<KernelEntry | undefined> {
  const { kind } = row.source;
  if (kind === 'file' || kind === 'imported') return undefined;
  // only a suite moves on; a release tree and a package by its URL stay what they are
  if (refresh && (kind === 'apt' || kind === 'archive')) return undefined;
  return cachedKernel(row);
}

/** Built from a tree, and what kmatrix or the row ask of such a kernel has changed since. */
async function isOutOfDate(row: KernelRow, { release }: KernelEntry): Promise<boolean> {
  if (row.source.kind !== 'tree') return false;
  const asked = (await readBinding(importedName(row.id)))?.asked;
  const version = versionOfRelease(release);
  if (asked === undefined || version === undefined) return false;
  return asked !== (await askedKey(row.id, version, row.source));
}

/** What the source has now; where it can't be asked and the cache has an answer, that one, said aloud. */
async function newest(
  row: KernelRow,
  options: ObtainOptions,
  ready: (kernel: KernelEntry, cached: boolean) => KernelEntry,
): Promise<KernelEntry> {
  try {
    return ready(await fromSource(row, options), false);
  } catch (error) {
    // a host that lacks a compiler still has the kernel that was built before
    const excused = error instanceof ImageError || (row.source.kind === 'tree' && error instanceof HostError);
    const known = excused ? await findKnown(row, { ...options, refresh: false }) : undefined;
    if (known === undefined) throw error;
    const why =
      row.source.kind === 'tree' ? 'was built with other options than are asked for now' : 'is used';
    const step = `not refreshed, the cached ${known.release} ${why}: ${messageOf(error)}`;
    if (row.source.kind === 'tree') {
      options.onEvent({ type: 'image-warning', kernel: row.id, warning: step });
      return ready(
        { ...known, provenance: `${known.provenance} (options asked for since are not in it)` },
        true,
      );
    }
    options.onEvent({ type: 'image-step', kernel: row.id, step });
    return ready(known, true);
  }
}

async function fromSource(row: KernelRow, options: ObtainOptions): Promise<KernelEntry> {
  const { source } = row;
  switch (source.kind) {
    case 'apt':
      return obtainApt(row, source, options);
    case 'file':
      return obtainFile(rowName(row), source, options.baseFolder);
    case 'imported':
      return obtainImported(row, source.name);
    case 'archive':
      return obtainArchive(row, source, options);
    case 'url':
      return obtainUrl(row, source, options);
    case 'tree':
      return obtainTree(row, source, options);
    default:
      return source satisfies never;
  }
}
