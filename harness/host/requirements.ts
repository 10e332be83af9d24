import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** What a part of kmatrix needs of the host. `run` boots machines, `build` makes kernels from trees, `test` the rest of the suite. */
export type RequirementGroup = 'run' | 'build' | 'test';
export const requirementGroups = ['run', 'build', 'test'] as const satisfies readonly RequirementGroup[];

export interface Requirement {
  readonly group: RequirementGroup;
  /** Program looked for on PATH, or an absolute path that must exist. */
  readonly program: string;
  /** Debian and Ubuntu package that brings it. */
  readonly package: string;
  readonly why: string;
}

/** In the order in which a run meets them. */
export const requirements: readonly Requirement[] = [
  { group: 'run', program: 'qemu-system-x86_64', package: 'qemu-system-x86', why: 'runs the machines' },
  { group: 'run', program: 'musl-gcc', package: 'musl-tools', why: 'compiles the guest as static programs' },
  { group: 'run', program: 'gcc', package: 'gcc', why: 'compiles the guest and the known-bad kernel module' },
  { group: 'run', program: 'make', package: 'make', why: 'drives the kernel module build' },
  { group: 'run', program: 'depmod', package: 'kmod', why: 'finds the order in which kernel modules load' },
  { group: 'run', program: 'xz', package: 'xz-utils', why: 'unpacks packages and modules' },
  { group: 'run', program: 'zstd', package: 'zstd', why: 'unpacks packages and modules' },
  { group: 'run', program: 'bzip2', package: 'bzip2', why: 'unpacks old packages' },
  { group: 'run', program: 'flock', package: 'util-linux', why: 'locks the cache against a second run' },
  {
    group: 'run',
    program: 'setpriv',
    package: 'util-linux',
    why: 'ends a machine when its harness is killed',
  },
  { group: 'run', program: 'apt-get', package: 'apt', why: 'fetches and verifies distribution kernels' },
  { group: 'run', program: 'gpgv', package: 'gpgv', why: 'checks the signatures of archives' },
  {
    group: 'run',
    program: '/usr/share/keyrings/debian-archive-keyring.gpg',
    package: 'debian-archive-keyring',
    why: 'holds the keys that Debian signs its archives with',
  },
  { group: 'run', program: 'busybox', package: 'busybox-static', why: 'provides the shell of kmatrix shell' },
  {
    group: 'run',
    program: 'mmdebstrap',
    package: 'mmdebstrap',
    why: 'makes the root file systems of containers',
  },
  { group: 'run', program: 'newuidmap', package: 'uidmap', why: 'lets mmdebstrap do so without root' },
  { group: 'run', program: 'tar2sqfs', package: 'squashfs-tools-ng', why: 'makes disks of them' },
  {
    group: 'run',
    program: 'apt-ftparchive',
    package: 'apt-utils',
    why: 'indexes the packages that containers install',
  },
  {
    group: 'run',
    program: 'dpkg-deb',
    package: 'dpkg',
    why: 'repacks these packages under a raised version',
  },
  { group: 'run', program: 'gpg', package: 'gnupg', why: 'signs their index, and archives that tests read' },
  { group: 'build', program: 'tar', package: 'tar', why: 'unpacks and copies source trees' },
  { group: 'build', program: 'flex', package: 'flex', why: 'kernel configuration parser' },
  { group: 'build', program: 'bison', package: 'bison', why: 'kernel configuration parser' },
  { group: 'build', program: 'bc', package: 'bc', why: 'generates kernel headers' },
  { group: 'build', program: 'perl', package: 'perl', why: 'generates kernel headers on old lines' },
  { group: 'build', program: 'patch', package: 'patch', why: 'applies patch sets' },
  { group: 'build', program: 'git', package: 'git', why: 'reads trees out of repositories' },
  {
    group: 'build',
    program: '/usr/include/libelf.h',
    package: 'libelf-dev',
    why: 'objtool of newer kernels',
  },
  { group: 'test', program: 'cpio', package: 'cpio', why: 'reads initramfs images back' },
  { group: 'test', program: 'mksquashfs', package: 'squashfs-tools', why: 'makes disks for machines' },
  { group: 'test', program: 'ar', package: 'binutils', why: 'makes the packages that tests read' },
  { group: 'test', program: 'shellcheck', package: 'shellcheck', why: 'reads the script of bundles' },
  {
    group: 'test',
    program: 'gdb',
    package: 'gdb',
    why: 'reads the memory of machines, and steps recordings',
  },
];

/** The requirements of these groups that this host lacks. */
export async function missingRequirements(
  groups: readonly RequirementGroup[],
  all: readonly Requirement[] = requirements,
): Promise<Requirement[]> {
  const wanted = all.filter(({ group }) => groups.includes(group));
  const present = await Promise.all(wanted.map(({ program }) => isPresent(program)));
  return wanted.filter((_, index) => !present[index]);
}

async function isPresent(program: string): Promise<boolean> {
  if (program.startsWith('/')) return reachable(program, constants.R_OK);
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  // depmod and its kin live in sbin, which a user's PATH need not hold
  for (const folder of [...folders, '/usr/sbin', '/sbin']) {
    if (await reachable(join(folder, program), constants.X_OK)) return true;
  }
  return false;
}

const reachable = (path: string, mode: number): Promise<boolean> =>
  access(path, mode).then(
    () => true,
    () => false,
  );
