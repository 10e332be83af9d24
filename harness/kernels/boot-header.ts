import { open } from 'node:fs/promises';
import { ImageError } from '../errors.js';

/** What a bzImage says of itself (Documentation/arch/x86/boot.rst in the kernel tree, "The Real-Mode Kernel Header"). */
export interface BootHeader {
  /** uname -r: the first word of kernel_version. */
  readonly release: string;
  /** The whole of it: release, builder, compile time. */
  readonly version: string;
  /** 2.10 as 0x020a. */
  readonly protocol: number;
}

/**
 * Reads the boot header of an x86 kernel.
 *
 * @throws ImageError for anything else, saying what it looks like; HostError is the caller's to make of errors of the disk
 */
export async function readBootHeader(path: string): Promise<BootHeader> {
  const file = await open(path);
  try {
    const start = Buffer.alloc(0x10000);
    const { bytesRead } = await file.read(start, 0, start.length, 0);
    const header = start.subarray(0, bytesRead);
    if (header.length < 0x250 || header.toString('latin1', 0x202, 0x206) !== 'HdrS') {
      throw new ImageError(`not an x86 kernel (bzImage): ${looksLike(header)}`, {
        where: path,
        remedy: 'give arch/x86/boot/bzImage of a build, or a distribution’s /boot/vmlinuz-*',
      });
    }
    const offset = 0x200 + header.readUInt16LE(0x20e);
    const version = /^[\x20-\x7e]*/.exec(header.toString('latin1', offset, offset + 200))?.[0] ?? '';
    const release = version.split(' ')[0] ?? '';
    if (!/^\d+\.\d+[A-Za-z0-9.+~_-]*$/.test(release)) {
      throw new ImageError('the kernel’s boot header names no version', { where: path });
    }
    return { release, version, protocol: header.readUInt16LE(0x206) };
  } finally {
    await file.close();
  }
}

function looksLike(header: Buffer): string {
  const machine = header.length > 20 ? header.readUInt16LE(18) : 0;
  const elf = header.toString('latin1', 0, 4) === '\x7fELF';
  if (elf && (machine === 62 || machine === 3)) return 'an ELF file: vmlinux instead of bzImage?';
  if (elf) return `an ELF file of another architecture (e_machine ${machine})`;
  if (header.toString('latin1', 0x38, 0x3c) === 'ARMd') return 'an arm64 Image';
  if (header.length > 0x28 && header.readUInt32LE(0x24) === 0x016f2818) return 'an ARM zImage';
  if (header.toString('latin1', 0, 2) === '\x1f\x8b') return 'gzip data';
  if (header.length === 0) return 'an empty file';
  return header.length < 0x250 ? `only ${header.length} bytes` : 'no HdrS at 0x202';
}
