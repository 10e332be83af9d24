import { readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import process from 'node:process';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { cacheFolder } from '../host/cache.js';
import { withFileErrors } from '../host/file-errors.js';
import { sha256 } from '../host/hash.js';
import { canonicalJson } from '../matrix/canonical-json.js';
import type { Qemu } from './types.js';

/** What a probe of KVM found. */
export interface KvmFinding {
  readonly works: boolean;
  /** One clause: "KVM ran the probe guest's loop in 2.1 ms per round, TCG in 25 ms". */
  readonly reason: string;
  /** Milliseconds per round of the probe guest's loop; null where it wasn't run to its end. */
  readonly kvmMs: number | null;
  readonly tcgMs: number | null;
  /** ISO time. */
  readonly at: string;
}

/** Where a finding is kept until the host reboots, or QEMU or the probe changes. */
export async function rememberedFile({ binary, version }: Qemu, probe: string): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  const key = canonicalJson([boot.trim(), await identityOf(binary), version, probe]);
  return join(await cacheFolder('accelerator'), `${sha256(key).slice(0, 32)}.json`);
}

/** One that can't be read, or of another format, is asked for again. */
export async function remembered(file: string): Promise<KvmFinding | undefined> {
  try {
    return findingSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}

export async function remember(file: string, finding: KvmFinding): Promise<void> {
  await withFileErrors(file, () => writeFileAtomic(file, `${JSON.stringify(finding)}\n`));
}

/** Forgets what was found with any QEMU. @returns how many findings there were, of earlier boots too */
export async function forgetProbes(): Promise<number> {
  const folder = await cacheFolder('accelerator');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  for (const name of names) await withFileErrors(folder, () => rm(join(folder, name), { force: true }));
  return names.length;
}

const findingSchema = z.object({
  works: z.boolean(),
  reason: z.string().max(1000),
  kvmMs: z.number().nullable(),
  tcgMs: z.number().nullable(),
  at: z.iso.datetime(),
});

/** A QEMU that was replaced by one of the same version is another. */
async function identityOf(binary: string): Promise<unknown> {
  const folders = binary.includes('/') ? [''] : (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const folder of folders) {
    try {
      const path = await realpath(isAbsolute(binary) ? binary : join(folder, binary));
      const { size, mtimeMs, ino, dev } = await stat(path);
      return { path, size, mtimeMs, ino, dev };
    } catch {
      // not in this folder
    }
  }
  return binary;
}
