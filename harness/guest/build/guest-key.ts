import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../errors.js';
import type { Compiler } from '../../host/compiler.js';
import { sha256 } from '../../host/hash.js';

export interface GuestCompiler extends Compiler {
  readonly flags: readonly string[];
}

/** Folders whose C files make the guest, below its source folder. */
export const guestFolders = ['agent', 'lib', 'workloads'] as const;

/** SHA-256 (hex) over every source's path and bytes, the compiler's version and the flags. */
export async function guestKey(sources: string, compiler: GuestCompiler): Promise<string> {
  const lines = [`compiler ${compiler.version}`, `flags ${compiler.flags.join(' ')}`];
  for (const path of await guestSources(sources, /\.[ch]$/)) {
    lines.push(`${sha256(await readFile(join(sources, path)))} ${path}`);
  }
  return sha256(lines.join('\n'));
}

/** Sources below the folder whose names match, as folder/name, sorted. */
export async function guestSources(
  sources: string,
  pattern: RegExp,
  folders: readonly string[] = guestFolders,
): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    const names = await readdir(join(sources, folder)).catch((cause: unknown) => {
      throw new UsageError("the guest's sources are not there", { where: join(sources, folder), cause });
    });
    found.push(...names.filter((name) => pattern.test(name)).map((name) => `${folder}/${name}`));
  }
  return found.sort();
}
