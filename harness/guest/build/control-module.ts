import { existsSync } from 'node:fs';
import { copyFile, cp, readdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { keyedEntry } from '../../cache/keyed-entry.js';
import { withStaging } from '../../cache/staging.js';
import { ImageError } from '../../errors.js';
import { sha256, sha256File } from '../../host/hash.js';
import { makeFolder } from '../../host/make-folder.js';
import { printable } from '../../host/printable.js';
import { projectRoot } from '../../host/project.js';
import { type HeadersUnpacked, unpackBuiltHeaders } from '../../kernels/built-headers.js';
import { unpackHeaders } from '../../kernels/fetch/apt/headers.js';
import type { ObtainOptions } from '../../kernels/sources/options.js';
import type { KernelEntry } from '../../kernels/types.js';
import { canonicalJson } from '../../matrix/canonical-json.js';
import type { KernelRow } from '../../matrix/types.js';

/**
 * The known-bad kernel module (images/controls) built for a kernel against its own headers: those of the distribution's
 * packages, or those kept when the kernel was built here.
 *
 * @returns path of kmatrix_bad.ko in the cache
 * @throws ImageError where the headers can't be had or the compiler refuses, with its first error
 */
export async function buildControlModule(
  row: KernelRow,
  kernel: KernelEntry,
  options: ObtainOptions,
): Promise<string> {
  const { source } = row;
  const unpack = ((): ((folder: string) => Promise<HeadersUnpacked>) | undefined => {
    if (kernel.headers !== undefined) return (folder) => unpackBuiltHeaders(kernel, folder, options.signal);
    if (source.kind !== 'apt') return undefined;
    return async (folder) => ({
      folder: await unpackHeaders({ id: row.id, source }, kernel, folder, options),
      words: [],
    });
  })();
  if (unpack === undefined) {
    throw new ImageError(`no headers to build the known-bad module for ${row.id}`, {
      remedy:
        source.kind === 'tree'
          ? `build it again, which keeps its headers: kmatrix images build ${row.id}`
          : 'let a row of the apt source, or a kernel built from source, be the control kernel',
    });
  }
  const sources = join(projectRoot, 'images', 'controls');
  const compiler = await chooseCompiler(kernel);
  const key = sha256(canonicalJson([kernel.id, compiler, await hashesOf(sources)]));
  const build = (staged: string) =>
    withStaging(async (scratch) => {
      const headers = await unpack(join(scratch, 'headers'));
      const module = join(scratch, 'module');
      await cp(sources, module, { recursive: true });
      options.onEvent({ type: 'image-step', kernel: row.id, step: 'build the known-bad module' });
      await make(headers, module, compiler, options.signal);
      await makeFolder(staged);
      await copyFile(join(module, moduleFile), join(staged, moduleFile));
      return { release: kernel.release, kernel: kernel.id, compiler };
    });
  const entry = await keyedEntry('control-modules', key, build, { signal: options.signal });
  return join(entry.folder, moduleFile);
}

/** Name of the module in `modules:` of matrix.yml: it comes from images/controls, not from the kernel. */
export const controlModuleName = 'kmatrix_bad';

const moduleFile = `${controlModuleName}.ko`;

async function hashesOf(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => /\.[ch]$|^Kbuild$/.test(name)).sort();
  return Promise.all(names.map(async (name) => `${name} ${await sha256File(join(folder, name))}`));
}

/** The kernel's own major version of gcc where the host has it; its headers pin it (.kernelvariables) and flags follow it. */
async function chooseCompiler({ config }: KernelEntry): Promise<string> {
  const text = config === undefined ? '' : await readFile(config, 'utf8');
  const major = Math.floor(Number(/^CONFIG_GCC_VERSION=(\d+)$/m.exec(text)?.[1] ?? 0) / 10_000);
  const own = `gcc-${major}`;
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return major > 0 && folders.some((folder) => existsSync(join(folder, own))) ? own : 'gcc';
}

/** Without BTF, which needs a vmlinux, and without the kernel's gcc plugins, which are not packaged. */
async function make(
  { folder, words: own }: HeadersUnpacked,
  module: string,
  compiler: string,
  signal: AbortSignal,
): Promise<void> {
  const tools = own.length > 0 ? own : [`CC=${compiler}`];
  const words = [...tools, 'CONFIG_DEBUG_INFO_BTF_MODULES=', 'CONFIG_GCC_PLUGINS=', 'modules'];
  const { failed, all } = await execa('make', ['-C', folder, `M=${module}`, ...words], {
    all: true,
    reject: false,
    cancelSignal: signal,
    env: { LC_ALL: 'C.UTF-8', MAKEFLAGS: '' },
  });
  signal.throwIfAborted();
  if (!failed) return;
  const lines = all.split('\n');
  const first = lines.find((line) => /error|fatal|not found|No such/i.test(line)) ?? lines.at(-1) ?? '';
  throw new ImageError(`the known-bad module doesn't build: ${printable(first, 500)}`, {
    where: folder,
    remedy: `needs make and ${compiler}; another control kernel may suit this host's compiler better`,
  });
}
