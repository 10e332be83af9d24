import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ImageError } from '../../../errors.js';
import type { AptSource } from '../../../matrix/types.js';
import { fetchPackage, withSuite } from '../../sources/apt.js';
import type { ObtainOptions } from '../../sources/options.js';
import type { KernelEntry } from '../../types.js';
import { unpackDeb } from '../deb.js';
import { type AptPackage, describePackages } from './packages.js';
import type { AptRoot } from './private-root.js';

/**
 * Puts what an external module of this kernel is built against into a folder: the kernel's headers, the common ones and
 * kbuild, unpacked there and nowhere installed.
 *
 * @returns folder for `make -C`
 * @throws ImageError where the suite no longer has headers of this very release
 */
export async function unpackHeaders(
  row: { readonly id: string; readonly source: AptSource },
  kernel: KernelEntry,
  folder: string,
  options: ObtainOptions,
): Promise<string> {
  return withSuite(row.id, row.source, options, async (root) => {
    for (const one of await headerPackages(root, kernel.release, options.signal)) {
      options.onEvent({ type: 'image-step', kernel: row.id, step: `unpack ${one.name}` });
      const deb = await fetchPackage(root, one, row.id, options);
      await unpackDeb(deb, folder, { place: placeHeader, links: true });
    }
    const sources = join(folder, 'usr/src');
    await relocate(sources, folder);
    return join(sources, `linux-headers-${kernel.release}`);
  });
}

async function headerPackages(root: AptRoot, release: string, signal: AbortSignal): Promise<AptPackage[]> {
  const [main] = await describePackages(root, [`linux-headers-${release}`], { signal });
  if (main === undefined) {
    throw new ImageError(`no linux-headers-${release} in ${root.suites.join(', ')}`, {
      remedy: 'the suite has moved on: fetch the kernel again (kmatrix images fetch --refresh)',
    });
  }
  const parts = main.depends.filter((name) => /^linux-(headers|kbuild)-/.test(name));
  return [main, ...(await describePackages(root, parts, { signal }))];
}

/** Links into /lib/modules and shared documentation are of no use here; usr/lib holds kbuild's programs. */
const placeHeader = (path: string): string | undefined =>
  /^usr\/(src|lib\/linux-kbuild-[^/]+)\//.test(path) ? path : undefined;

/**
 * Debian's headers name each other by absolute paths (/usr/src/linux-headers-X-common, /usr/lib/linux-kbuild-Y) in the
 * Makefile and by links; here they lie elsewhere.
 */
async function relocate(sources: string, folder: string): Promise<void> {
  for (const name of await readdir(sources)) {
    for (const file of ['Makefile', '.kernelvariables']) {
      const path = join(sources, name, file);
      const text = await readFile(path, 'utf8').catch(() => undefined);
      if (text === undefined || !text.includes('/usr/')) continue;
      await writeFile(path, text.replaceAll(/(^|[\s=:"'])\/usr\/(src|lib)\//gm, `$1${folder}/usr/$2/`));
    }
  }
}
