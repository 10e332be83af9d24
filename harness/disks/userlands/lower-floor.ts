import { ImageError } from '../../errors.js';
import {
  compareKernelVersions,
  type KernelVersion,
  parseKernelVersion,
} from '../../versions/kernel-version.js';
import { type Note, notesOf } from './elf-notes.js';

/** Kernel releases: what glibc asks for, and what it is told to be content with. */
export interface LoweredFloor {
  readonly from: string;
  readonly to: string;
}

/** What was changed in a file, in place. */
export interface Lowered {
  /** Notes of type NT_GNU_ABI_TAG, which the loader reads of each library. */
  readonly notes: number;
  /** Comparisons with the running kernel: one in the loader, one in each static program. */
  readonly checks: number;
}

/**
 * Lowers what a file of glibc 2.26 to 2.31 asks of the kernel. Those name a release in two places: the ABI tag of libraries and
 * programs, and a comparison with uname's release (glibc's _dl_discover_osversion; sysdeps/unix/sysv/linux/dl-sysdep.h). Nothing else in
 * these versions keeps them from an older kernel; what they call that isn't there is refused when it is called.
 *
 * @param bytes of the file, changed in place; anything but ELF for x86-64 is left as it is
 * @param path for errors
 * @throws ImageError where a file asks for another release than `from`, or has its comparison in an unknown form
 */
export function lowerFloor(bytes: Buffer, path: string, { from, to }: LoweredFloor): Lowered {
  const [asked, wanted] = [versionOf(from), versionOf(to)];
  const notes = notesOf(bytes, path).filter(({ owner, type }) => owner === 'GNU\0' && type === abiTag);
  const lowered = notes.filter((note) => lowerNote(bytes, note, { path, asked, wanted })).length;
  if (!bytes.subarray(0, 4).equals(elfMagic) || !bytes.includes(refusal))
    return { notes: lowered, checks: 0 };
  const places = checksOf(bytes, packed(asked) - 1);
  const [place] = places;
  if (place === undefined || places.length > 1) {
    throw refused(
      path,
      `it compares the kernel's release with ${from} in ${places.length} known places, not in one`,
    );
  }
  bytes.writeUInt32LE(packed(wanted) - 1, place + 1);
  return { notes: lowered, checks: 1 };
}

const elfMagic = Buffer.from('\x7fELF', 'latin1');
/** What the loader, and each static program, says before it ends. */
const refusal = Buffer.from('FATAL: kernel too old');
/** NT_GNU_ABI_TAG: four words, the system (0 is Linux) and a release. */
const abiTag = 1;

function lowerNote(
  bytes: Buffer,
  { offset, length }: Note,
  {
    path,
    asked,
    wanted,
  }: { readonly path: string; readonly asked: KernelVersion; readonly wanted: KernelVersion },
): boolean {
  if (length !== 16) throw refused(path, `its ABI tag has ${length} bytes`);
  const words = [0, 4, 8, 12].map((at) => bytes.readUInt32LE(offset + at));
  const [system, ...release] = words;
  if (system !== 0) throw refused(path, `its ABI tag is of system ${system}, not of Linux`);
  if (compareKernelVersions(release, wanted) <= 0) return false;
  if (compareKernelVersions(release, asked) !== 0)
    throw refused(path, `its ABI tag asks for ${release.join('.')}`);
  for (const [index, part] of wanted.entries()) bytes.writeUInt32LE(part, offset + 4 + 4 * index);
  return true;
}

/** Places of `cmp $limit, %eax` with a conditional jump right after it: 3d, four bytes, then 7x or 0f 8x. */
function checksOf(bytes: Buffer, limit: number): number[] {
  const compare = Buffer.alloc(5, 0x3d);
  compare.writeUInt32LE(limit, 1);
  const places: number[] = [];
  for (let at = bytes.indexOf(compare); at !== -1; at = bytes.indexOf(compare, at + 1)) {
    const [first = 0, second = 0] = bytes.subarray(at + 5, at + 7);
    if ((first & 0xf0) === 0x70 || (first === 0x0f && (second & 0xf0) === 0x80)) places.push(at);
  }
  return places;
}

/** KERNEL_VERSION() */
const packed = ([a = 0, b = 0, c = 0]: KernelVersion): number => a * 0x10000 + b * 0x100 + c;

function versionOf(text: string): KernelVersion {
  const version = parseKernelVersion(text);
  if (version === undefined) throw new ImageError(`no kernel release: '${text}'`);
  return version;
}

const refused = (path: string, why: string): ImageError =>
  new ImageError(`the floor of ${path} can't be lowered: ${why}`, {
    where: path,
    remedy: 'only files of a known form are changed: take another suite, or leave this userland out',
  });
