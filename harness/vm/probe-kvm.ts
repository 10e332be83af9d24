import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { cacheFolder } from '../host/cache.js';
import { sha256 } from '../host/hash.js';
import type { KvmProbe } from './accelerator.js';
import { runProbeGuest } from './probe-guest.js';
import type { Qemu } from './types.js';

/**
 * Whether KVM runs a guest on this host: by booting one. The answer is kept until the host reboots or QEMU changes; that
 * the device is absent or closed to this user is looked up each time, being cheap and soon repaired.
 */
export async function probeKvm(qemu: Qemu): Promise<KvmProbe> {
  const obstacle = await deviceObstacle();
  if (obstacle !== null) return { works: false, reason: obstacle };
  const file = await cacheFile(qemu);
  const known = await readAnswer(file);
  if (known !== undefined) return known;
  const answer = await runProbeGuest(qemu, 'kvm', deadlineSeconds);
  await writeFileAtomic(file, `${JSON.stringify(answer)}\n`);
  return answer;
}

/** A guest of three instructions takes some 50 ms; a loaded host may take a hundred times that. */
const deadlineSeconds = 5;

async function deviceObstacle(): Promise<string | null> {
  try {
    await access('/dev/kvm', constants.R_OK | constants.W_OK);
    return null;
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return absent ? '/dev/kvm is absent' : '/dev/kvm is not open to this user (group kvm)';
  }
}

async function cacheFile({ binary, version }: Qemu): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
  const key = sha256(JSON.stringify([boot.trim(), binary, version])).slice(0, 32);
  return join(await cacheFolder('accelerator'), `${key}.json`);
}

const answerSchema = z.object({ works: z.boolean(), reason: z.string().max(1000) });

/** An answer that can't be read is asked for again. */
async function readAnswer(file: string): Promise<KvmProbe | undefined> {
  try {
    return answerSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}
