import type { KernelRow, UrlSource } from '../../matrix/types.js';
import { defaultPatience, type Patience } from '../archive/context.js';
import { fetchFromUrls } from '../archive/fetch-from-urls.js';
import { pinnedName } from '../archive/pinned-name.js';
import { kernelsLock } from '../archive/pins.js';
import { publishDebs } from '../archive/publish-debs.js';
import { writeBinding } from '../binding.js';
import type { KernelEntry } from '../types.js';
import type { ObtainOptions } from './options.js';

/**
 * A kernel from packages named by URL, held to the SHA-256 in images/kernels.lock; unpacked and published.
 *
 * @throws ImageError where a package isn't there, isn't what the lock file says, or holds no kernel
 */
export async function obtainUrl(
  row: KernelRow,
  source: UrlSource,
  { onEvent, offline, signal }: ObtainOptions,
  { patience = defaultPatience, lockFile = kernelsLock() }: { patience?: Patience; lockFile?: string } = {},
): Promise<KernelEntry> {
  const started = performance.now();
  const context = { kernel: row.id, onEvent, offline, signal, patience };
  const kernel = await publishDebs(row, await fetchFromUrls(source, lockFile, context), started, context);
  const { id: entry, provenance, seconds } = kernel;
  await writeBinding(await pinnedName(row, source, lockFile), { entry, provenance, seconds });
  return kernel;
}
