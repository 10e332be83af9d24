import { HostError, UsageError } from '../errors.js';
import { checkConfig, configSummary, readKernelConfig } from '../images/config/index.js';
import type { KernelEntry } from '../images/types.js';

/**
 * What a kernel's configuration lacks for containers, for the table of images: `ok`, `lacks …`; null where the kernel
 * came without a configuration and carries none, or none that this host can unpack. That is no reason not to run it.
 */
export async function configColumn({
  config,
  bzImage,
  release,
}: Pick<KernelEntry, 'config' | 'bzImage' | 'release'>): Promise<string | null> {
  try {
    const parsed = await readKernelConfig(config ?? bzImage, release);
    return configSummary(checkConfig(parsed, release));
  } catch (error) {
    if (error instanceof UsageError || error instanceof HostError) return null;
    throw error;
  }
}
