import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { canonicalJson } from '../matrix/canonical-json.js';
import { attemptId } from './attempt-id.js';
import type { StoredAttempt } from './attempt-schema.js';
import { begunImages } from './begun-images.js';
import { distinctAttempts } from './distinct-attempts.js';
import { isPacked } from './evidence-pack.js';
import type { RunManifest } from './manifest.js';
import { readConsole } from './read-console.js';
import { readImages, readManifest } from './read-run.js';
import { lockRun } from './run-lock.js';
import type { RunStore } from './run-store.js';
import { readSeries } from './series.js';
import { readEvents, readSessions, type Session } from './session.js';

export interface Merged {
  /** Attempts that came in. */
  readonly added: number;
  /** Attempts that the run had already, whatever came of them there. */
  readonly known: number;
}

/**
 * Puts the attempts of another run into this one, each with its console and under its own host's session: two hosts that share the
 * attempts of one run (same seed, same cells) make one table. What an attempt is called decides, so that merging twice adds
 * nothing; where this run had no image for one, and the other had, the one that ran counts.
 *
 * @param from folder of a run whose cells this one has, too; nobody may write it meanwhile
 * @throws UsageError where the two can't be one run: another seed or accelerator, a cell that this one lacks or that was something
 *   else there, another kernel or image, a run that was packed; nothing is written then. HostError where the disk refuses; the
 *   signal's reason, and what came in until then stays
 */
export async function mergeRun(store: RunStore, from: string, signal: AbortSignal): Promise<Merged> {
  const lock = await lockRun(join(from, 'run.json'));
  try {
    const other = await readManifest(from);
    const theirs = await readSessions(from, other);
    refuseOtherRun(store.manifest, other, from);
    refuseOtherAccelerator(store.sessions, theirs, from);
    await refuseOtherImages(store.folder, from);
    await takeOverImages(store, from);
    const finished = await finishedHere(store);
    let [added, known] = [0, 0];
    for await (const attempt of distinctAttempts(from)) {
      signal.throwIfAborted();
      const here = finished.get(attemptId(attempt.key));
      const isAskedAtLast = here === 'unavailable' && attempt.outcome !== 'unavailable';
      if (here !== undefined && !isAskedAtLast) {
        known++;
        continue;
      }
      const session = theirs.find(({ id }) => id === attempt.session);
      if (session === undefined) continue;
      const adopted = await store.adoptSession(session, other.id);
      if (isAskedAtLast) await store.noteAskedElsewhere(attempt.key);
      await takeOver(store, from, attempt, adopted);
      added++;
    }
    return { added, known };
  } finally {
    await lock.release();
  }
}

async function takeOver(
  store: RunStore,
  from: string,
  attempt: StoredAttempt,
  session: string,
): Promise<void> {
  const console = attempt.console === '' ? '' : await readConsole(from, attempt.console);
  const samples = await readSeries(from, attempt);
  if (attempt.imageId !== '') await store.recordCellImage(attempt.key.cell, attempt.imageId);
  await store.append({ ...attempt, samples }, console, session);
}

/** Outcomes by the names of the attempts that count. */
async function finishedHere({ folder }: RunStore): Promise<ReadonlyMap<string, string>> {
  const outcomes = new Map<string, string>();
  for await (const { key, outcome } of distinctAttempts(folder)) outcomes.set(attemptId(key), outcome);
  return outcomes;
}

/** A kernel that one of the two hosts had is there. */
async function takeOverImages(store: RunStore, from: string): Promise<void> {
  const ready = new Set(store.images.flatMap((image) => (image.status === 'ready' ? image.kernel : [])));
  for (const image of await readImages(from)) if (!ready.has(image.kernel)) await store.recordImage(image);
  for await (const event of readEvents(from))
    if (event.type === 'userland') await store.recordUserland(event);
}

const refusal = (why: string, from: string, remedy: string): UsageError =>
  new UsageError(`runs that can't be merged: ${why}`, { where: from, remedy });

function refuseOtherRun(here: RunManifest, other: RunManifest, from: string): void {
  const refuse = (why: string) =>
    refusal(why, from, `to compare them: kmatrix compare ${here.id} ${other.id}`);
  if (isPacked(from)) throw refuse('that one was packed for publication and lacks some consoles');
  if (here.seed !== other.seed) throw refuse(`its seed is ${other.seed}, not ${here.seed}`);
  const cells = new Map(here.cells.map((cell) => [cell.id, canonicalJson(cell)]));
  for (const cell of other.cells) {
    const mine = cells.get(cell.id);
    if (mine === undefined) throw refuse(`only one of them has the cell ${cell.id}`);
    if (mine !== canonicalJson(cell)) throw refuse(`${cell.id} is defined differently there`);
  }
}

/** Attempts under another would be no attempts of the same thing (resumedAccelerator). */
function refuseOtherAccelerator(here: readonly Session[], theirs: readonly Session[], from: string): void {
  const counting = (sessions: readonly Session[]) => sessions.filter(({ discarded }) => discarded === null);
  const [mine] = counting(here);
  const other = counting(theirs).find(
    ({ accelerator }) => mine && accelerator.name !== mine.accelerator.name,
  );
  if (other === undefined) return;
  throw refusal(
    `it ran under ${other.accelerator.name}, not ${mine?.accelerator.name}`,
    from,
    'run both with the same --accelerator',
  );
}

async function refuseOtherImages(folder: string, from: string): Promise<void> {
  const [mine, theirs] = [await begunImages(folder), await begunImages(from)];
  for (const which of ['kernels', 'images'] as const) {
    for (const [name, id] of theirs[which]) {
      if ((mine[which].get(name) ?? id) === id) continue;
      throw refusal(
        `${name} ran on another image there`,
        from,
        'run both with the same kernels and the same kmatrix',
      );
    }
  }
  // each host makes its own disk, with a key of its own; what is on it must be the same
  for (const [row, { list }] of theirs.userlands) {
    if ((mine.userlands.get(row)?.list ?? list) === list) continue;
    throw refusal(`${row} is made of other packages there`, from, 'run both on one day, or with one cache');
  }
}
