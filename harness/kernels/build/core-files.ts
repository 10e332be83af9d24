import { createHash } from 'node:crypto';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../../host/file-errors.js';
import { inParallel } from '../../host/in-parallel.js';

/** What containers run on, of every kernel: drivers, other architectures and sound decide nothing here. */
export const coreFolders = ['arch/x86', 'block', 'fs', 'include', 'ipc', 'kernel', 'mm', 'net'] as const;
export type CoreFolder = (typeof coreFolders)[number];

/** Path below the tree → the SHA-1 (hex) that git gives a blob of these bytes, sorted by path. */
export type CoreFiles = ReadonlyMap<string, string>;

/**
 * The files of a kernel tree's core folders, by the hashes that git has for them, so that a second copy which is a git
 * repository can be compared without a checkout. What a build leaves in a tree doesn't count, nor do hidden files and
 * modes: copies that went through an archive or another file system differ in these.
 */
export async function readCoreFiles(tree: string): Promise<CoreFiles> {
  const found = (await Promise.all(coreFolders.map((folder) => filesBelow(tree, folder)))).flat();
  const hashed = await inParallel(
    found,
    filesAtOnce,
    async ({ path, isLink }) =>
      [path, gitBlob(await (isLink ? linkText(join(tree, path)) : readFile(join(tree, path))))] as const,
  );
  return new Map(hashed.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Is this path of a core folder and, as far as its name tells, of a release? */
export const isCorePath = (path: string): boolean =>
  coreFolderOf(path) !== undefined &&
  !path.split('/').some((name) => name.startsWith('.')) &&
  !leftovers.some((pattern) => pattern.test(path));

export const coreFolderOf = (path: string): CoreFolder | undefined =>
  coreFolders.find((folder) => path.startsWith(`${folder}/`));

/** What kbuild makes inside a tree that is built in place, on one line or another; no release has any of it. */
const leftovers: readonly RegExp[] = [
  /\.(o|a|ko|so|so\.dbg|elf|order|builtin|mod|mod\.c)$/,
  /^(arch\/x86\/)?include\/generated\//,
  /^include\/config\//,
  // below include/generated since 2.6.33, version.h since 3.7; include/asm was a link
  /^include\/(asm|linux\/(autoconf|bounds|compile|utsrelease|version)\.h)$/,
  /^kernel\/(bounds\.s|timeconst\.h|config_data\.(h|gz)|hz\.bc)$/,
  /^arch\/x86\/kernel\/(asm-offsets\.s|cpu\/capflags\.c)$/,
  /^arch\/x86\/(lib\/inat-tables\.c|tools\/(relocs|test_get_len|insn_sanity)|vdso\/vdso2c|.*\/vdso-image-.*\.c)$/,
  /^arch\/x86\/.*\.lds$/,
  /^arch\/x86\/.*\/(realmode|wakeup)\.(bin|relocs)$|\/pasyms\.h$/,
  /^arch\/x86\/boot\/(bzImage|setup\.bin|vmlinux\.bin|zoffset\.h|voffset\.h|cpustr\.h|mkcpustr|tools\/build)$/,
  /^arch\/x86\/boot\/compressed\/(vmlinux|vmlinux\.(bin|relocs).*|mkpiggy|piggy\.S|relocs)$/,
];

/** Where files are small the hashing waits for the disk. */
const filesAtOnce = 16;

interface Found {
  readonly path: string;
  readonly isLink: boolean;
}

async function filesBelow(tree: string, folder: string): Promise<Found[]> {
  const entries = await readdir(join(tree, folder), { withFileTypes: true }).catch((error: unknown) => {
    // a copy without a folder differs in all of its files
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw error;
  });
  const found = entries.map(async (entry): Promise<Found[]> => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return filesBelow(tree, path);
    const isLink = entry.isSymbolicLink();
    return (isLink || entry.isFile()) && isCorePath(path) ? [{ path, isLink }] : [];
  });
  return (await Promise.all(found)).flat();
}

/** Git's blob of a symbolic link is the text of where it points. */
const linkText = (path: string): Promise<Buffer> => readlink(path, { encoding: 'buffer' });

const gitBlob = (bytes: Uint8Array): string =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
