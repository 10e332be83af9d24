import { HostError, UsageError } from '../errors.js';
import { checkConfig, configSummary } from '../kernels/config/check-config.js';
import { readKernelConfig } from '../kernels/config/read-kernel-config.js';
import { unsetFacts } from '../kernels/config/unset-facts.js';
import type { KernelEntry } from '../kernels/types.js';
import type { KernelRow } from '../matrix/types.js';

/** What a run keeps of a kernel's configuration. */
export interface ConfigFacts {
  /** What it lacks for containers, for the table of images: `ok`, `lacks …`; null where it can't be read. */
  readonly config: string | null;
  /** Of a kernel that was built here: facts of the feature probe that its configuration leaves out, though its tree has them. */
  readonly unset: readonly string[];
}

/**
 * Reads a kernel's configuration once. That it came without one and carries none, or none that this host can unpack, is no
 * reason not to run it.
 */
export async function configFacts(
  { source }: Pick<KernelRow, 'source'>,
  { config, bzImage, release, headers }: Pick<KernelEntry, 'config' | 'bzImage' | 'release' | 'headers'>,
): Promise<ConfigFacts> {
  try {
    const parsed = await readKernelConfig(config ?? bzImage, release);
    // a distribution's choice is a fact about its kernels; ours is one about us
    const own = source.kind === 'tree' || headers !== undefined;
    return {
      config: configSummary(checkConfig(parsed, release)),
      unset: own ? await unsetFacts(parsed, release) : [],
    };
  } catch (error) {
    if (error instanceof UsageError || error instanceof HostError) return { config: null, unset: [] };
    throw error;
  }
}
