import { sha256 } from '../../host/hash.js';
import type { KernelRow, UrlSource } from '../../matrix/types.js';
import { type KernelName, rowName } from '../binding.js';
import { kernelPins, readPin } from './pins.js';

/**
 * A URL row's name in the cache, together with what its URLs are pinned to: when a line of the lock file changes or goes,
 * a kernel made of the bytes before doesn't answer to the row any more.
 */
export async function pinnedName(
  row: KernelRow,
  { urls }: UrlSource,
  files = kernelPins(),
): Promise<KernelName> {
  const name = rowName(row);
  const pins = await Promise.all(urls.map((url) => readPin(files, url)));
  return { ...name, key: sha256([name.key, ...pins.map((pin) => pin ?? 'unpinned')].join('\n')) };
}
