import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { keyedEntry } from '../../cache/keyed-entry.js';
import { type Manifest, readVerified } from '../../cache/manifest.js';
import { openEntry } from '../../cache/store.js';
import { ImageError } from '../../errors.js';
import { sha256, sha256File } from '../../host/hash.js';
import { decompress, isCompression } from '../../kernels/decompress.js';
import { moduleCompression, orderModules, plainModuleName } from '../../kernels/modules.js';
import type { Image, KernelEntry } from '../../kernels/types.js';
import { canonicalJson } from '../../matrix/canonical-json.js';
import type { GuestBuild } from './build-guest.js';
import { type CpioEntry, writeCpio } from './cpio.js';
import { imageIdOf } from './open-image.js';

export interface ImageParts {
  readonly kernel: KernelEntry;
  readonly guest: Pick<GuestBuild, 'id' | 'agent' | 'workloads'>;
  /** Wanted modules by name; what is built in or absent is left out. */
  readonly modules: readonly string[];
  /** Modules that a workload may load when it comes to them, by name: PROTOCOL.md says where they lie. */
  readonly offered?: readonly string[];
  /** Modules from outside the kernel's package (the known-bad control), paths on this host; loaded last, in this order. */
  readonly externalModules?: readonly string[];
  /** More files: path in the machine → path on this host. */
  readonly extraFiles?: ReadonlyMap<string, string>;
}

/**
 * Kernel plus initramfs, from the cache where the same was made before.
 *
 * The initramfs is not compressed: kernels before 2.6.38 may lack any decompressor, and under TCG unpacking costs the
 * guest more than copying does.
 *
 * @throws ImageError where a module's bytes aren't those that were published
 */
export async function buildImage(parts: ImageParts): Promise<Image> {
  const { kernel, guest, externalModules = [] } = parts;
  const { paths } = await orderModules(kernel, [...slotModules, ...parts.modules]);
  const offers = await offersOf(parts);
  const modules = [...paths, ...externalModules].map(plainModuleName);
  const extras = await Promise.all(
    [...externalModules.map((path) => [basename(path), path] as const), ...(parts.extraFiles ?? [])].map(
      async ([path, source]) => [path, await sha256File(source)],
    ),
  );
  const key = sha256(
    canonicalJson([
      layoutVersion,
      kernel.id,
      guest.id,
      paths,
      externalModules.length,
      extras,
      ...(offers.length > 0 ? [offers] : []),
    ]),
  );
  const entry = await keyedEntry('initramfs', key, async (staged) => {
    await writeFile(join(staged, 'initramfs'), writeCpio(await entriesOf(parts, paths, offers)));
    return { release: kernel.release, kernel: kernel.id, guest: guest.id, modules };
  });
  const initramfs = join(entry.folder, 'initramfs');
  return { id: imageIdOf(kernel.id, entry.id), kernel, initramfs, modules };
}

/** Of the disks that each machine may have, and the slot that it has (images/guest/PROTOCOL.md, "Files"). */
const slotModules = ['virtio_pci', 'virtio_blk'];

/** Counts up when the same parts give other bytes. */
const layoutVersion = 2;

async function entriesOf(
  { kernel, guest, externalModules = [], extraFiles = new Map() }: ImageParts,
  modulePaths: readonly string[],
  offers: readonly Offer[],
): Promise<CpioEntry[]> {
  const files: CpioEntry[] = [await fileEntry('init', guest.agent, true)];
  for (const [name, path] of guest.workloads) files.push(await fileEntry(`workloads/${name}`, path, true));
  const order = [...modulePaths, ...externalModules].map((path) => `${plainModuleName(path)}\n`).join('');
  files.push({ type: 'file', path: 'modules/order', bytes: Buffer.from(order), executable: false });
  const offeredPaths = [...new Set(offers.flatMap(({ paths }) => paths))];
  const manifest = modulePaths.length + offeredPaths.length > 0 ? await manifestOf(kernel) : [];
  for (const [folder, paths] of [
    ['modules', modulePaths],
    ['offered', offeredPaths],
  ] as const) {
    for (const path of paths) {
      const bytes = await moduleBytes(kernel, manifest, path);
      files.push({ type: 'file', path: `${folder}/${plainModuleName(path)}`, bytes, executable: false });
    }
  }
  for (const { name, paths } of offers) {
    const bytes = Buffer.from(paths.map((path) => `${plainModuleName(path)}\n`).join(''));
    files.push({ type: 'file', path: `offered/${name}`, bytes, executable: false });
  }
  for (const path of externalModules) files.push(await fileEntry(`modules/${basename(path)}`, path, false));
  for (const [path, source] of extraFiles) files.push(await fileEntry(path, source, true));
  return [...foldersOf(files), ...devices, ...files];
}

interface Offer {
  readonly name: string;
  /** The module's and before it those of what it needs. */
  readonly paths: readonly string[];
}

/** What this kernel has as modules, of what is offered. */
async function offersOf({ kernel, offered = [] }: ImageParts): Promise<readonly Offer[]> {
  const offers: Offer[] = [];
  for (const name of offered) {
    const { paths } = await orderModules(kernel, [name]);
    if (paths.length > 0) offers.push({ name, paths });
  }
  return offers;
}

/** What the agent mounts on, and what the kernel opens before it runs anything. */
const emptyFolders = ['proc', 'sys', 'dev', 'tmp', 'run', 'mnt', 'cgroup', 'workloads', 'modules'];
const devices: readonly CpioEntry[] = [
  { type: 'device', path: 'dev/console', major: 5, minor: 1 },
  { type: 'device', path: 'dev/null', major: 1, minor: 3 },
];

function foldersOf(files: readonly CpioEntry[]): CpioEntry[] {
  const paths = new Set(emptyFolders);
  for (const { path } of files) {
    for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) paths.add(parent);
  }
  return [...paths].sort().map((path) => ({ type: 'folder', path }));
}

const fileEntry = async (path: string, source: string, executable: boolean): Promise<CpioEntry> => ({
  type: 'file',
  path,
  bytes: await readFile(source),
  executable,
});

async function manifestOf(kernel: KernelEntry): Promise<Manifest> {
  const stored = await openEntry('kernels', kernel.id, () => false);
  if (stored === undefined) {
    throw new ImageError(`the kernel ${kernel.release} is gone from the cache, or broken`, {
      where: kernel.folder,
      remedy: 'run the command again: the kernel is then fetched or built again',
    });
  }
  return stored.manifest;
}

async function moduleBytes(kernel: KernelEntry, manifest: Manifest, path: string): Promise<Buffer> {
  const inEntry = `modules/lib/modules/${kernel.release}/${path}`;
  const where = join(kernel.folder, inEntry);
  const bytes = await readVerified(kernel.folder, manifest, inEntry);
  if (bytes === undefined) {
    throw new ImageError(`${plainModuleName(path)} is not what was published (SHA-256)`, {
      where,
      remedy: 'kmatrix images verify removes the broken entry; the next run makes it again',
    });
  }
  const suffix = moduleCompression(path);
  if (!isCompression(suffix)) throw new ImageError(`unknown compression of a module: ${suffix}`, { where });
  return decompress(Readable.from([bytes]), suffix, where, async (plain) => {
    const parts: Buffer[] = [];
    let length = 0;
    for await (const part of plain) {
      length += (part as Buffer).length;
      if (length > largestModule) throw new ImageError('a module of more than 64 MiB', { where });
      parts.push(part as Buffer);
    }
    return Buffer.concat(parts);
  });
}

/** The largest of Debian's is a tenth of it (amdgpu is no cloud module). */
const largestModule = 2 ** 26;
