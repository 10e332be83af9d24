import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { KmatrixError, messageOf, UsageError } from '../../errors.js';
import { isKernel, readEmbeddedConfig } from './ikconfig.js';
import { type KernelConfig, parseKernelConfig } from './kernel-config.js';

/**
 * A kernel's configuration from a .config, a config.gz, or a kernel that carries its own (bzImage, vmlinux).
 *
 * @param input a path, or a stream such as standard input
 * @param where what to call it in errors
 * @throws UsageError where it can't be read or is none of those
 */
export async function readKernelConfig(input: string | Readable, where: string): Promise<KernelConfig> {
  const bytes = await readAll(input, where);
  if (isKernel(bytes)) {
    const { text, release } = await readEmbeddedConfig(bytes, where);
    const config = parseKernelConfig(text, where);
    return { ...config, version: config.version ?? release };
  }
  return parseKernelConfig((isGzip(bytes) ? unzip(bytes, where) : bytes).toString('latin1'), where);
}

/** A kernel with debug information is no input worth reading whole; a configuration is a thousandth of this. */
const limitBytes = 256 * 2 ** 20;
const configLimitBytes = 64 * 2 ** 20;

async function readAll(input: string | Readable, where: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of typeof input === 'string' ? createReadStream(input) : input) {
      const part = Buffer.from(chunk);
      size += part.length;
      if (size > limitBytes)
        throw new UsageError('the file is over 256 MiB, no kernel configuration', { where });
      chunks.push(part);
    }
  } catch (cause) {
    if (cause instanceof KmatrixError) throw cause;
    throw new UsageError(`can't read the kernel configuration: ${messageOf(cause)}`, {
      where,
      remedy: 'name a file that exists and may be read, or - for standard input',
      cause,
    });
  }
  return Buffer.concat(chunks);
}

const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

function unzip(bytes: Buffer, where: string): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: configLimitBytes });
  } catch (cause) {
    throw new UsageError(`broken gzip data: ${messageOf(cause)}`, {
      where,
      remedy: 'copy it again: zcat /proc/config.gz > config',
      cause,
    });
  }
}
