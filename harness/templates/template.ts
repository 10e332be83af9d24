import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { removeEntry, type StoredEntry } from '../cache/store.js';
import { HostError } from '../errors.js';
import { codeOf, withFileErrors } from '../host/file-errors.js';
import type { TemplateBoot } from './boot-template.js';

/** A machine that was saved at READY, in the cache: its state, and its RAM as a sparse file that restores map privately. */
export interface Template extends TemplateBoot, AsyncDisposable {
  readonly id: string;
  /** Path of the RAM for QEMU; good as long as the template is held. */
  readonly memory: string;
  /** Path of the device state, 0.3 MB; likewise. */
  readonly state: string;
}

export const templateFiles = { memory: 'memory', state: 'state', console: 'console' } as const;

/** What is noted about one; `kernel` and `release` are what pruning goes by. */
export const aboutTemplate = z.object({
  release: z.string(),
  kernel: z.string(),
  bootSeconds: z.number(),
  slowness: z.number(),
});
export type AboutTemplate = Readonly<z.infer<typeof aboutTemplate>>;

/**
 * Opens a template of the cache.
 *
 * Its files stay open, and are opened anew by way of this process (proc(5), /proc/PID/fd): by QEMU the RAM, by us the state, for
 * each machine. By their own paths they would be gone where the entry is pruned meanwhile; QEMU would make a file of zeros at
 * that of its RAM and run it.
 *
 * @throws HostError where it can't be read
 */
export async function openTemplate(entry: StoredEntry): Promise<Template> {
  try {
    return await withFileErrors(entry.folder, () => opened(entry));
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw cause;
    throw new HostError('a template was removed while it was opened', { where: entry.folder, cause });
  }
}

async function opened({ id, folder, about }: StoredEntry): Promise<Template> {
  const noted = aboutTemplate.safeParse(about);
  if (!noted.success) {
    await removeEntry('templates', id);
    throw new HostError('what was noted about a template is damaged; the next run makes it again', {
      where: folder,
    });
  }
  const { bootSeconds, slowness } = noted.data;
  const files: FileHandle[] = [];
  const close = async (): Promise<void> => {
    for (const file of files.splice(0)) await file.close();
  };
  const held = async (name: string): Promise<string> => {
    const file = await open(join(folder, name), 'r');
    files.push(file);
    return `/proc/${process.pid}/fd/${file.fd}`;
  };
  try {
    const memory = await held(templateFiles.memory);
    const state = await held(templateFiles.state);
    const console = await readFile(join(folder, templateFiles.console), 'utf8');
    return { id, memory, state, bootSeconds, slowness, console, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
