import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { messageOf, UsageError } from '../errors.js';
import { type StoredAttempt, storedAttempt } from './attempt-schema.js';
import { type ImageRecord, imageRecords, type RunManifest, runManifest, storeVersion } from './manifest.js';
import { readLines } from './read-lines.js';
import { readSessions } from './session.js';

/**
 * run.json of a run's folder.
 *
 * @throws UsageError where it is missing, damaged, or written by a kmatrix of another store version
 */
export async function readManifest(folder: string): Promise<RunManifest> {
  const file = join(folder, 'run.json');
  const data = await readJson(file);
  const version = typeof data === 'object' && data !== null && 'version' in data ? data.version : undefined;
  if (version !== storeVersion) {
    throw new UsageError(
      `a run of store version ${JSON.stringify(version)}; this kmatrix reads ${storeVersion}`,
      {
        where: file,
        remedy: 'read it with the kmatrix that wrote it',
      },
    );
  }
  return parsed(file, runManifest, data);
}

/** images.json; empty where the run ended before any image was looked for. */
export async function readImages(folder: string): Promise<readonly ImageRecord[]> {
  const file = join(folder, 'images.json');
  const data = await readJson(file).catch((error: unknown) => {
    if (error instanceof UsageError && isMissing(error.cause)) return [];
    throw error;
  });
  return parsed(file, imageRecords, data);
}

/** A line of attempts.jsonl that is no attempt: what it lacks, and where it stands. */
export interface DamagedLine {
  readonly line: number;
  readonly why: string;
}

/**
 * The attempts of a run that count, one at a time in the order in which they finished: a run may hold more than fits in memory.
 * This is the one place that leaves out what discarded sessions ran. A damaged line is reported and left out; it isn't a
 * finished attempt.
 *
 * @throws UsageError where run.json or sessions.jsonl can't be read
 */
export async function* readAttempts(
  folder: string,
  onDamaged: (damaged: DamagedLine) => void = () => {},
): AsyncGenerator<StoredAttempt> {
  const sessions = await readSessions(folder, await readManifest(folder));
  const discarded = new Set(sessions.filter((one) => one.discarded !== null).map(({ id }) => id));
  for await (const attempt of readAllAttempts(folder, onDamaged))
    if (!discarded.has(attempt.session)) yield attempt;
}

/** The same with the attempts that count nowhere. */
export async function* readAllAttempts(
  folder: string,
  onDamaged: (damaged: DamagedLine) => void = () => {},
): AsyncGenerator<StoredAttempt> {
  for await (const { text, number, complete } of readLines(join(folder, 'attempts.jsonl'))) {
    const attempt = complete ? parseAttempt(text) : 'torn: the run was killed while it wrote';
    if (typeof attempt === 'string') onDamaged({ line: number, why: attempt });
    else yield attempt;
  }
}

function parseAttempt(text: string): StoredAttempt | string {
  try {
    const result = storedAttempt.safeParse(JSON.parse(text));
    return result.success ? result.data : issueText(result.error);
  } catch (error) {
    return messageOf(error);
  }
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new UsageError(`can't be read: ${messageOf(cause)}`, {
      where: file,
      remedy: 'name the folder of a run',
      cause,
    });
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

function parsed<T>(file: string, schema: z.ZodType<T>, data: unknown): T {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  throw new UsageError(`not what kmatrix writes: ${issueText(result.error)}`, {
    where: file,
    remedy: 'restore the file; it is never edited by hand',
  });
}

const issueText = (error: z.ZodError): string => {
  const [first] = error.issues;
  return first === undefined ? error.message : `${first.path.map(String).join('.')}: ${first.message}`;
};
