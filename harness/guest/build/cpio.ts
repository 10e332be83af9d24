import { HarnessBug } from '../../errors.js';

/** One entry of an initramfs. Paths are relative, without a leading slash; parents come before children. */
export type CpioEntry =
  | { readonly type: 'folder'; readonly path: string }
  | { readonly type: 'file'; readonly path: string; readonly bytes: Uint8Array; readonly executable: boolean }
  | { readonly type: 'device'; readonly path: string; readonly major: number; readonly minor: number };

/**
 * An archive in the kernel's own format, newc (Documentation/driver-api/early-userspace/buffer-format.rst in the kernel
 * tree), owned by root, every time 0: equal entries give equal bytes.
 */
export function writeCpio(entries: readonly CpioEntry[]): Buffer {
  const seen = new Set<string>();
  const parts = entries.flatMap((entry, index) => {
    if (seen.has(entry.path) || entry.path.startsWith('/') || entry.path.split('/').includes('..')) {
      throw new HarnessBug(`bad path in an initramfs: ${entry.path}`);
    }
    seen.add(entry.path);
    return member(entry.path, index + 1, fieldsOf(entry));
  });
  return Buffer.concat([...parts, ...member('TRAILER!!!', 0, { mode: 0, bytes: none })]);
}

interface Fields {
  readonly mode: number;
  readonly bytes: Uint8Array;
  readonly device?: readonly [major: number, minor: number];
}

const none = new Uint8Array();

function fieldsOf(entry: CpioEntry): Fields {
  switch (entry.type) {
    case 'folder':
      return { mode: 0o040755, bytes: none };
    case 'file':
      return { mode: entry.executable ? 0o100755 : 0o100644, bytes: entry.bytes };
    case 'device':
      return { mode: 0o020600, bytes: none, device: [entry.major, entry.minor] };
  }
}

function member(path: string, inode: number, { mode, bytes, device = [0, 0] }: Fields): Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  // ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check
  const numbers = [inode, mode, 0, 0, 1, 0, bytes.length, 0, 0, ...device, name.length, 0];
  const header = `070701${numbers.map((number) => number.toString(16).toUpperCase().padStart(8, '0')).join('')}`;
  return [Buffer.from(header), name, padding(header.length + name.length), bytes, padding(bytes.length)];
}

const padding = (length: number): Uint8Array => new Uint8Array((4 - (length % 4)) % 4);
