import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AptRoot } from '../../kernels/fetch/apt/private-root.js';

/** A root's sources.list where mmdebstrap may read it. */
export interface CopiedSources {
  readonly path: string;
  /** What the userland's own is to be: undefined where the copy will do, whose paths are the same everywhere. */
  readonly own: string | undefined;
}

/** Copies a root's sources.list into a folder, and the keys that stand in this host's own (Signed-By) and lie beside it. */
export async function copySources({ folder }: AptRoot, into: string): Promise<CopiedSources> {
  const etc = join(folder, 'etc');
  const text = await readFile(join(etc, 'sources.list'), 'utf8');
  for (const name of await readdir(etc)) {
    if (/^key-\d+\.asc$/.test(name)) await copyFile(join(etc, name), join(into, name));
  }
  const path = join(into, 'sources.list');
  const copied = text.replaceAll(`${etc}/`, `${into}/`);
  await writeFile(path, copied);
  // whose key that is, the userland can't know
  return { path, own: copied === text ? undefined : text.replaceAll(/^deb \[[^\]]*\] /gm, 'deb ') };
}
