import { existsSync } from 'node:fs';
import { readdir, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { listEntries, openEntry, publishEntry, removeEntry, type StoredEntry } from '../cache/store.js';
import { HostError, ImageError } from '../errors.js';
import { makeFolder } from '../host/make-folder.js';
import { type Binding, type KernelName, readBinding, writeBinding } from './binding.js';
import { type TreeCore, treeCoreSchema } from './build/tree-core.js';
import { headersFile } from './built-headers.js';
import type { KernelEntry } from './types.js';

/**
 * A kernel in a staging folder (withStaging), ready to be published: `bzImage`, and where there are such `config`,
 * `System.map`, `headers.tar.xz` and `modules/lib/modules/RELEASE/`.
 */
export interface StagedKernel {
  readonly folder: string;
  /** uname -r */
  readonly release: string;
  /** One line for people, see KernelEntry. */
  readonly provenance: string;
  /** Of the tree that it was built from. */
  readonly core?: TreeCore;
  /** Seconds that fetching or building took. */
  readonly seconds: number;
}

/**
 * Puts a staged kernel into the cache (modules.dep is made on the way) and binds `name` to it.
 *
 * @throws ImageError where it holds no bzImage; HostError where the cache can't be written or depmod is missing
 */
export async function publishKernel(name: KernelName, staged: StagedKernel): Promise<KernelEntry> {
  const { folder, release, provenance, seconds, core } = staged;
  if (!existsSync(join(folder, 'bzImage'))) {
    throw new ImageError(`no kernel in what ${name.name} delivered`, { where: provenance });
  }
  // Debian puts one line there ("The real System.map is in the linux-image-<version>-dbg package")
  const map = join(folder, 'System.map');
  if (((await stat(map).catch(() => undefined))?.size ?? 0) < placeholderBytes)
    await rm(map, { force: true });
  await resolveModules(folder, release);
  const about = { release, provenance, seconds, core };
  const bindingTo = (entry: string): Binding => ({ entry, provenance, seconds, core });
  const bind = (entry: string): Promise<void> => writeBinding(name, bindingTo(entry));
  const stored = await publishEntry('kernels', folder, about, bind);
  return toKernel(stored, about, bindingTo(stored.id));
}

/** The kernel that a name is bound to, verified; undefined where there is none or it is broken (then it is removed). */
export async function findKernel(name: KernelName): Promise<KernelEntry | undefined> {
  const binding = await readBinding(name);
  return binding && openKernel(binding.entry, binding);
}

/** A kernel by entry id, verified likewise. */
export async function openKernel(id: string, binding?: Binding): Promise<KernelEntry | undefined> {
  const stored = await openEntry('kernels', id, (path) => !path.startsWith('modules/'));
  const about = stored && aboutSchema.safeParse(stored.about).data;
  return stored && about && toKernel(stored, about, binding);
}

/** Kernels in the cache, most recently used first; not verified. */
export async function listKernels(): Promise<(KernelEntry & { bytes: number; usedAt: Date })[]> {
  const entries = await listEntries('kernels');
  return entries.flatMap((stored) => {
    const about = aboutSchema.safeParse(stored.about).data;
    return about ? [{ ...toKernel(stored, about), bytes: stored.bytes, usedAt: stored.usedAt }] : [];
  });
}

export const removeKernel = (id: string): Promise<void> => removeEntry('kernels', id);

const placeholderBytes = 1024;

const aboutSchema = z.object({
  release: z.string(),
  provenance: z.string(),
  seconds: z.number(),
  core: treeCoreSchema.optional(),
});

function toKernel(stored: StoredEntry, about: z.infer<typeof aboutSchema>, binding?: Binding): KernelEntry {
  const has = (path: string) => stored.manifest.some((file) => file.path === path);
  const { folder, id } = stored;
  // like the provenance: bytes that came from two trees have the history of the name that asks
  const core = binding === undefined ? about.core : binding.core;
  return {
    id,
    release: about.release,
    folder,
    bzImage: join(folder, 'bzImage'),
    ...(has('config') && { config: join(folder, 'config') }),
    ...(has(headersFile) && { headers: join(folder, headersFile) }),
    ...(has('System.map') && { systemMap: join(folder, 'System.map') }),
    ...(has(`modules/lib/modules/${about.release}/modules.dep`) && { modules: join(folder, 'modules') }),
    ...(core && { core }),
    provenance: binding?.provenance ?? about.provenance,
    seconds: binding?.seconds ?? about.seconds,
  };
}

/** Packages leave modules.dep to the machine that installs them. */
async function resolveModules(folder: string, release: string): Promise<void> {
  const base = join(folder, 'modules');
  const modules = join(base, 'lib', 'modules', release);
  if (!existsSync(modules)) return;
  if ((await readdir(modules)).length === 0) return;
  // depmod looks in lib/modules or, as some distributions build it, in usr/lib/modules
  await makeFolder(join(base, 'usr'));
  await symlink('../lib', join(base, 'usr', 'lib'));
  try {
    const { failed, stderr, code, shortMessage } = await execa('depmod', ['-b', base, release], {
      env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
      reject: false,
    });
    if (code === 'ENOENT')
      throw new HostError('depmod is not installed', { remedy: 'install the package kmod' });
    if (failed) {
      throw new ImageError(`depmod can't read the modules of ${release}: ${stderr || shortMessage}`, {
        where: modules,
      });
    }
  } finally {
    await rm(join(base, 'usr'), { recursive: true, force: true });
  }
}
