import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { ImageError, messageOf, UsageError } from '../../errors.js';
import { type CompressionSuffix, decompress } from '../decompress.js';

/** A kernel's own copy of its configuration, as built in by CONFIG_IKCONFIG. */
export interface EmbeddedConfig {
  readonly text: string;
  /** uname -r from a bzImage's header; null for a vmlinux. */
  readonly release: string | null;
}

/** Whether these bytes are a kernel: an x86 bzImage (boot protocol 2.08 or later, 2.6.26) or a vmlinux. */
export const isKernel = (bytes: Buffer): boolean => isBzImage(bytes) || isElf(bytes);

/**
 * The configuration inside a bzImage or vmlinux.
 *
 * @param where name of the file, for errors
 * @throws UsageError where it was built without one or is broken; HostError where a decompressor is missing
 */
export async function readEmbeddedConfig(bytes: Buffer, where: string): Promise<EmbeddedConfig> {
  const vmlinux = isElf(bytes) ? bytes : await unpackPayload(bytes, where);
  const start = vmlinux.indexOf(startMarker);
  const end = start === -1 ? -1 : vmlinux.indexOf(endMarker, start);
  if (end === -1) {
    throw new UsageError('this kernel carries no configuration (CONFIG_IKCONFIG was off)', {
      where,
      remedy: 'give its .config or /boot/config-RELEASE instead',
    });
  }
  try {
    const text = gunzipSync(vmlinux.subarray(start + startMarker.length, end), {
      maxOutputLength: limitBytes,
    });
    return { text: text.toString('latin1'), release: isElf(bytes) ? null : releaseOf(bytes) };
  } catch (cause) {
    throw new UsageError(`the configuration inside the kernel is broken: ${messageOf(cause)}`, {
      where,
      cause,
    });
  }
}

// kernel/configs.c: the gzipped .config stands between these two
const startMarker = Buffer.from('IKCFG_ST');
const endMarker = Buffer.from('IKCFG_ED');
const limitBytes = 64 * 2 ** 20;

// Documentation/x86/boot.rst: offsets of the setup header
const header = { setupSectors: 0x1f1, magic: 0x202, version: 0x206, kernelVersion: 0x20e, payload: 0x248 };

function isBzImage(bytes: Buffer): boolean {
  return (
    bytes.length > 0x260 &&
    bytes.toString('latin1', header.magic, header.magic + 4) === 'HdrS' &&
    bytes.readUInt16LE(header.version) >= 0x0208
  );
}

const isElf = (bytes: Buffer): boolean => bytes.length > 4 && bytes.readUInt32BE(0) === 0x7f454c46;

function releaseOf(bytes: Buffer): string | null {
  const at = 0x200 + bytes.readUInt16LE(header.kernelVersion);
  return /^\d+\.\d+[^\s\0]*/.exec(bytes.toString('latin1', at, at + 80))?.[0] ?? null;
}

async function unpackPayload(bytes: Buffer, where: string): Promise<Buffer> {
  // a count of 0 sectors means 4, for kernels older than any here (boot.rst, setup_sects)
  const protectedMode = ((bytes.readUInt8(header.setupSectors) || 4) + 1) * 512;
  const start = protectedMode + bytes.readUInt32LE(header.payload);
  const payload = bytes.subarray(start, start + bytes.readUInt32LE(header.payload + 4));
  const known = payloads.find(({ magic }) => payload.subarray(0, magic.length).equals(magic));
  if (!known) {
    throw new UsageError("this kernel's payload is compressed in a way that kmatrix can't read", {
      where,
      remedy: 'give its .config or /boot/config-RELEASE instead',
    });
  }
  // every compressor but gzip, whose format has it, is followed by the size as four bytes (scripts/Makefile.lib)
  const data = known.suffix === '.gz' ? payload : payload.subarray(0, -4);
  try {
    return await decompress(Readable.from([data]), known.suffix, where, collect);
  } catch (cause) {
    // here it is the user's file that is broken, not an image of the cache
    if (!(cause instanceof ImageError)) throw cause;
    throw new UsageError(`this kernel's payload is broken: ${cause.message}`, { where, cause });
  }
}

const payloads: readonly { readonly magic: Buffer; readonly suffix: CompressionSuffix }[] = [
  { magic: Buffer.from([0x1f, 0x8b]), suffix: '.gz' },
  { magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), suffix: '.xz' },
  { magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), suffix: '.zst' },
  { magic: Buffer.from('BZh'), suffix: '.bz2' },
  { magic: Buffer.from([0x5d, 0x00, 0x00]), suffix: '.lzma' },
];

async function collect(plain: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of plain) {
    const part = Buffer.from(chunk);
    size += part.length;
    if (size > vmlinuxLimitBytes) throw new UsageError('the kernel inside unpacks to more than 256 MiB');
    chunks.push(part);
  }
  return Buffer.concat(chunks);
}

const vmlinuxLimitBytes = 256 * 2 ** 20;
