import type { ArchiveSource, KernelRow } from '../../matrix/types.js';
import { defaultPatience, type Patience } from '../fetch/context.js';
import { fetchFromArchive } from '../fetch/fetch-from-archive.js';
import { publishDebs } from '../fetch/publish-debs.js';
import type { KernelEntry } from '../types.js';
import type { ObtainOptions } from './options.js';

/**
 * A kernel of a Debian-layout archive: signature, index and packages verified, unpacked and published.
 *
 * @throws ImageError naming URL and remedy, HostError where tools or space are missing
 */
export async function obtainArchive(
  row: KernelRow,
  source: ArchiveSource,
  { onEvent, offline, signal }: ObtainOptions,
  patience: Patience = defaultPatience,
): Promise<KernelEntry> {
  const started = performance.now();
  const context = { kernel: row.id, onEvent, offline, signal, patience };
  return publishDebs(row, await fetchFromArchive(source, context), started, context);
}
