import type { KernelRow, UrlSource } from '../../matrix/types.js';
import { writeBinding } from '../binding.js';
import { defaultPatience, type Patience } from '../fetch/context.js';
import { fetchFromUrls } from '../fetch/fetch-from-urls.js';
import { pinnedName } from '../fetch/pinned-name.js';
import { kernelPins, type PinFiles } from '../fetch/pins.js';
import { publishDebs } from '../fetch/publish-debs.js';
import type { KernelEntry } from '../types.js';
import type { ObtainOptions } from './options.js';

/**
 * A kernel from packages named by URL, held to the SHA-256 of a lock file; unpacked and published.
 *
 * @throws ImageError where a package isn't there, isn't what a lock file says, or holds no kernel
 */
export async function obtainUrl(
  row: KernelRow,
  source: UrlSource,
  { onEvent, offline, signal }: ObtainOptions,
  { patience = defaultPatience, pins = kernelPins() }: { patience?: Patience; pins?: PinFiles } = {},
): Promise<KernelEntry> {
  const started = performance.now();
  const context = { kernel: row.id, onEvent, offline, signal, patience };
  const kernel = await publishDebs(row, await fetchFromUrls(source, pins, context), started, context);
  const { id: entry, provenance, seconds } = kernel;
  await writeBinding(await pinnedName(row, source, pins), { entry, provenance, seconds });
  return kernel;
}
