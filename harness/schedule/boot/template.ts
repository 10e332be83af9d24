import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { HostError } from '../../errors.js';
import type { StoredEntry } from '../../images/store.js';

/** A machine that was saved at READY, in the cache: its state, and its RAM as a sparse file that restores map privately. */
export interface Template {
  readonly id: string;
  /** Path of the RAM; never written after it was saved. */
  readonly memory: string;
  /** Device state, 0.3 MB. */
  readonly state: Buffer;
  /** What the console said up to READY. */
  readonly console: string;
}

export const templateFiles = { memory: 'memory', state: 'state', console: 'console' } as const;

/** What is noted about one; `kernel` and `release` are what pruning goes by. */
export const aboutTemplate = z.object({
  release: z.string(),
  kernel: z.string(),
  bootSeconds: z.number(),
});
export type AboutTemplate = Readonly<z.infer<typeof aboutTemplate>>;

/** Reads what restoring needs, but for the memory, which QEMU maps. */
export async function readTemplate({ id, folder }: StoredEntry): Promise<Template> {
  try {
    return {
      id,
      memory: join(folder, templateFiles.memory),
      state: await readFile(join(folder, templateFiles.state)),
      console: await readFile(join(folder, templateFiles.console), 'utf8'),
    };
  } catch (cause) {
    throw new HostError('a template is gone from the cache while it is used', { where: folder, cause });
  }
}
