import type { RunManifest } from './manifest.js';
import { readManifest } from './read-run.js';
import { readSessions } from './session.js';

/**
 * run.json, but for what the attempts ran on: as the first session says that counts. Where one was discarded (a KVM that boots no
 * kernel), run.json tells of a stretch of which no report has an attempt.
 *
 * @throws UsageError where either file is damaged
 */
export async function readCountedRun(folder: string): Promise<RunManifest> {
  const manifest = await readManifest(folder);
  const counted = (await readSessions(folder, manifest)).find(({ discarded }) => discarded === null);
  if (counted === undefined) return manifest;
  const { kmatrix, host, qemu, accelerator, jobs, start } = counted;
  return { ...manifest, kmatrix, host, qemu, accelerator, ...(jobs && { jobs }), ...(start && { start }) };
}
