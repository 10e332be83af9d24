import type { RunManifest } from './manifest.js';
import { readAttempts, readManifest } from './read-run.js';
import { readSessions } from './session.js';

/**
 * run.json, but for what the attempts ran on: as the first session says that has attempts which count, or would count where none
 * has. Where one was discarded (a KVM that boots no kernel) or ended before its first attempt, run.json tells of a stretch of
 * which no report has an attempt.
 *
 * @throws UsageError where either file is damaged
 */
export async function readCountedRun(folder: string): Promise<RunManifest> {
  const manifest = await readManifest(folder);
  const sessions = await readSessions(folder, manifest);
  const first = await firstWithAttempts(folder);
  const counted =
    sessions.find(({ id }) => id === first) ?? sessions.find(({ discarded }) => discarded === null);
  if (counted === undefined) return manifest;
  const { jobs: _, start: __, ...run } = manifest;
  const { kmatrix, host, qemu, accelerator, jobs, start } = counted;
  return { ...run, kmatrix, host, qemu, accelerator, ...(jobs && { jobs }), ...(start && { start }) };
}

/** One session follows another, so that the first line that counts tells. */
async function firstWithAttempts(folder: string): Promise<string | undefined> {
  for await (const { session } of readAttempts(folder)) return session;
  return undefined;
}
