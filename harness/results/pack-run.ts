import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { StoredAttempt } from './attempt-schema.js';
import { diskError } from './disk-error.js';
import { isPacked, isTelling, plainName, writePack } from './evidence-pack.js';
import { readConsole } from './read-console.js';
import { readAllAttempts } from './read-run.js';
import { lockRun } from './run-lock.js';
import { readSeries } from './series.js';

/** What of a run was packed. */
export interface PackedRun {
  /** Consoles that are in the pack, and those that were left out: nothing went wrong in their attempts. */
  readonly kept: number;
  readonly leftOut: number;
}

/**
 * Puts what a run's telling attempts left into one compressed file, and removes the files that it had. Console text loses what names
 * the builder of a kernel (publicConsole).
 *
 * @throws UsageError where the folder holds no run, or another process writes it; HostError where the disk refuses
 */
export async function packRun(folder: string): Promise<PackedRun> {
  const lock = await lockRun(join(folder, 'run.json'));
  try {
    if (isPacked(folder)) return { kept: 0, leftOut: 0 };
    const attempts: StoredAttempt[] = [];
    for await (const attempt of readAllAttempts(folder)) attempts.push(attempt);
    const telling = attempts.filter((attempt) => isTelling(attempt) && attempt.console !== '');
    await writePack(folder, filesOf(folder, telling));
    try {
      for (const name of ['consoles', 'series'])
        await rm(join(folder, name), { recursive: true, force: true });
    } catch (cause) {
      throw diskError("the run's consoles can't be removed", folder, cause);
    }
    const spoke = attempts.filter(({ console }) => console !== '').length;
    return { kept: telling.length, leftOut: spoke - telling.length };
  } finally {
    await lock.release();
  }
}

async function* filesOf(
  folder: string,
  attempts: readonly StoredAttempt[],
): AsyncGenerator<readonly [string, Buffer]> {
  for (const attempt of attempts.toSorted((a, b) => (a.console < b.console ? -1 : 1))) {
    yield [plainName(attempt.console), publicConsole(await readConsole(folder, attempt.console))];
    if (attempt.series === '') continue;
    const lines = (await readSeries(folder, attempt)).map((one) => `${JSON.stringify(one)}\n`);
    yield [attempt.series, Buffer.from(lines.join(''))];
  }
}

/**
 * A kernel's first line names who compiled it and where, which old trees take from the host that they are built on:
 * Linux version 2.6.38 (USER@HOST). Bytes, not characters: what a guest prints may be no UTF-8.
 *
 * @param host that must not be named
 */
export function publicConsole(bytes: Buffer, host: string = hostname()): Buffer {
  const builder = /(?<=Linux version [^\s(]{1,100} )\([^()@\s]{1,100}@([^()\s]{1,200})\)/g;
  const text = bytes.toString('latin1');
  return Buffer.from(
    text.replace(builder, (whole, at: string) => (at === host ? '(kmatrix@kmatrix)' : whole)),
    'latin1',
  );
}
