import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, UsageError } from '../errors.js';
import type { AttemptKey } from '../matrix/types.js';
import { cellId, rowId } from './attempt-schema.js';
import { type RunManifest, ranOn } from './manifest.js';
import { readLines } from './read-lines.js';

/** Where and how the attempts of a session run. What a run from before it was recorded doesn't know is absent. */
export interface SessionFacts
  extends Pick<RunManifest, 'kmatrix' | 'qemu' | 'accelerator' | 'jobs' | 'start'> {
  /** GuestBuild.id: the agent and the workloads that machines ran. */
  readonly guest?: string;
}

/** One host's stretch of a run: from its beginning, or from where it was resumed, to its end. */
export interface Session extends SessionFacts, Pick<RunManifest, 'host'> {
  /** '1', '2', … in the order in which this run learnt of them. */
  readonly id: string;
  /** ISO time. */
  readonly startedAt: string;
  /** ISO time; null while it goes on, and for ever where it was killed. */
  readonly endedAt: string | null;
  /** Why its attempts count nowhere, though they are kept; null where they count. */
  readonly discarded: string | null;
  /** The run that it was begun in, and its id there, where it came in by mergeRun. */
  readonly from?: SessionOrigin;
}

export interface SessionOrigin {
  readonly run: string;
  readonly session: string;
}

/** A run from before sessions were recorded is its first, and what was never resumed has no other. */
export const firstSession = '1';

/** sessions.jsonl: appended to, never rewritten; read from its first line to its last it tells of each session as it is now. */
export const sessionsFile = 'sessions.jsonl';

/** A userland as a run used it. */
export interface UserlandRecord {
  /** Its row in matrix.yml. */
  readonly row: string;
  /** Disk.id */
  readonly disk: string;
  /** See Userland. */
  readonly contents: readonly string[];
  readonly list: string;
  /** One line for people. */
  readonly provenance: string;
}

/** A line of sessions.jsonl. */
export type SessionEvent =
  | ({ readonly type: 'began' } & Omit<Session, 'endedAt' | 'discarded'>)
  | { readonly type: 'ended'; readonly id: string; readonly at: string }
  | { readonly type: 'discarded'; readonly id: string; readonly at: string; readonly reason: string }
  /** The first image that a cell's attempts run with: a run that is resumed uses that again. */
  | { readonly type: 'image'; readonly cell: string; readonly image: string }
  /** What a row that brings a disk came to, once per row. */
  | ({ readonly type: 'userland' } & UserlandRecord)
  /** An attempt that couldn't be asked here, since there was no image, has come from a run that had one. */
  | ({ readonly type: 'asked-elsewhere' } & Pick<AttemptKey, 'cell' | 'index'>);

const id = z.string().regex(/^[1-9]\d{0,5}$/);

const sessionEvent: z.ZodType<SessionEvent> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('began'),
    id,
    startedAt: z.string(),
    guest: z.string().exactOptional(),
    from: z.object({ run: z.string(), session: id }).exactOptional(),
    ...ranOn,
  }),
  z.object({ type: z.literal('ended'), id, at: z.string() }),
  z.object({ type: z.literal('discarded'), id, at: z.string(), reason: z.string() }),
  z.object({ type: z.literal('image'), cell: cellId, image: z.string() }),
  z.object({
    type: z.literal('userland'),
    row: rowId,
    disk: z.string(),
    contents: z.array(z.string()),
    list: z.string(),
    provenance: z.string(),
  }),
  z.object({ type: z.literal('asked-elsewhere'), cell: cellId, index: z.int().min(0) }),
]);

/**
 * The sessions of a run, in the order in which it learnt of them; one, of what run.json tells, where none were recorded. A last line without its newline
 * was never finished and counts for nothing.
 *
 * @throws UsageError where sessions.jsonl is damaged: it alone says which attempts count
 */
export async function readSessions(folder: string, manifest: RunManifest): Promise<readonly Session[]> {
  return (await readSessionLog(folder, manifest)).sessions;
}

/** The same, with the attempts that couldn't be asked here and came from another run. */
export async function readSessionLog(
  folder: string,
  manifest: RunManifest,
): Promise<{ readonly sessions: readonly Session[]; readonly askedElsewhere: readonly Named[] }> {
  const sessions = new Map<string, Session>([[firstSession, sessionOf(manifest)]]);
  const askedElsewhere: Named[] = [];
  for await (const event of readEvents(folder)) {
    applyEvent(sessions, event);
    if (event.type === 'asked-elsewhere') askedElsewhere.push(event);
  }
  return { sessions: [...sessions.values()], askedElsewhere };
}

type Named = Pick<AttemptKey, 'cell' | 'index'>;

/** sessions.jsonl, line by line; see readSessions. */
export async function* readEvents(folder: string): AsyncGenerator<SessionEvent> {
  const file = join(folder, sessionsFile);
  for await (const { text, number, complete } of readLines(file))
    if (complete) yield parsedEvent(text, `${file}:${number}`);
}

/** What an event changes of the sessions known so far. */
export function applyEvent(sessions: Map<string, Session>, event: SessionEvent): void {
  if (event.type === 'image' || event.type === 'userland' || event.type === 'asked-elsewhere') return;
  if (event.type === 'began') {
    const { type: _, ...session } = event;
    sessions.set(session.id, { ...session, endedAt: null, discarded: null });
    return;
  }
  const known = sessions.get(event.id);
  if (known === undefined) return;
  const change = event.type === 'ended' ? { endedAt: event.at } : { discarded: event.reason };
  sessions.set(event.id, { ...known, ...change });
}

const sessionOf = ({ startedAt, kmatrix, host, qemu, accelerator, jobs, start }: RunManifest): Session => ({
  id: firstSession,
  startedAt,
  endedAt: null,
  discarded: null,
  kmatrix,
  host,
  qemu,
  accelerator,
  ...(jobs && { jobs }),
  ...(start && { start }),
});

function parsedEvent(text: string, where: string): SessionEvent {
  try {
    return sessionEvent.parse(JSON.parse(text));
  } catch (cause) {
    throw new UsageError(`not what kmatrix writes: ${messageOf(cause).slice(0, 200)}`, {
      where,
      remedy: 'restore the file; it is never edited by hand',
      cause,
    });
  }
}
