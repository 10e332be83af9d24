import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { messageOf, UsageError } from '../errors.js';
import { attemptId } from './attempt-id.js';
import { type StoredAttempt, storedAttempt } from './attempt-schema.js';
import { isPacked, packedPlaces } from './evidence-pack.js';
import { type ImageRecord, imageRecords, type RunManifest, runManifest, storeVersion } from './manifest.js';
import { readLines } from './read-lines.js';
import { readSessionLog, sessionsFile } from './session.js';

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
 * This is the one place that leaves out what discarded sessions ran, and what couldn't be asked here and came from elsewhere. A damaged line is reported and left out; it isn't a
 * finished attempt.
 *
 * @throws UsageError where run.json or sessions.jsonl can't be read
 */
export async function* readAttempts(
  folder: string,
  onDamaged: (damaged: DamagedLine) => void = () => {},
): AsyncGenerator<StoredAttempt> {
  const manifest = await readManifest(folder);
  const { sessions, askedElsewhere } = await readSessionLog(folder, manifest);
  const discarded = new Map(sessions.map(({ id, discarded: why }) => [id, why !== null]));
  const elsewhere = new Set(askedElsewhere.map(attemptId));
  const asked = new Map(manifest.cells.map(({ id, workload }) => [id, workload.iterations ?? null]));
  for await (const { attempt, line } of readNumbered(folder, onDamaged)) {
    const isDiscarded = discarded.get(attempt.session);
    // nobody can say whether it counts
    if (isDiscarded === undefined)
      onDamaged({ line, why: `of session ${attempt.session}, of which ${sessionsFile} says nothing` });
    if (isDiscarded !== false) continue;
    if (attempt.outcome === 'unavailable' && elsewhere.has(attemptId(attempt.key))) continue;
    // runs from before attempts knew it have it in run.json
    yield attempt.iterationsAsked === null
      ? { ...attempt, iterationsAsked: asked.get(attempt.key.cell) ?? null }
      : attempt;
  }
}

/** The same with the attempts that count nowhere. */
export async function* readAllAttempts(folder: string): AsyncGenerator<StoredAttempt> {
  for await (const { attempt } of readNumbered(folder, () => {})) yield attempt;
}

async function* readNumbered(
  folder: string,
  onDamaged: (damaged: DamagedLine) => void,
): AsyncGenerator<{ readonly attempt: StoredAttempt; readonly line: number }> {
  const packed = isPacked(folder);
  for await (const { text, number, complete } of readLines(join(folder, 'attempts.jsonl'))) {
    const attempt = complete ? parseAttempt(text) : 'incomplete: the run was killed while it wrote this line';
    if (typeof attempt === 'string') onDamaged({ line: number, why: attempt });
    else yield { attempt: packed ? { ...attempt, ...packedPlaces(attempt) } : attempt, line: number };
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
