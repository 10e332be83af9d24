import { HarnessBug, UsageError } from '../errors.js';
import { canonicalJson } from '../matrix/canonical-json.js';
import { attemptId } from './attempt-id.js';
import type { StoredAttempt } from './attempt-schema.js';
import { begunImages } from './begun-images.js';
import { distinctAttempts } from './distinct-attempts.js';
import type { RunManifest } from './manifest.js';
import { readConsole } from './read-console.js';
import { readImages, readManifest } from './read-run.js';
import type { RunStore } from './run-store.js';
import { readSeries } from './series.js';
import { readSessions } from './session.js';

export interface Merged {
  /** Attempts that came in. */
  readonly added: number;
  /** Attempts that the run had already, whatever came of them there. */
  readonly known: number;
}

/**
 * Puts the attempts of another run into this one, each with its console and under its own host's session: two hosts that share the
 * attempts of one run (same seed, same cells) make one table. What an attempt is called decides, so that merging twice adds
 * nothing.
 *
 * @param from folder of a run whose cells this one has, too
 * @throws UsageError where the two can't be one run: another seed, a cell that this one lacks or that was something else there,
 *   another kernel or image; nothing is written then. HostError where the disk refuses
 */
export async function mergeRun(store: RunStore, from: string): Promise<Merged> {
  const other = await readManifest(from);
  refuseOtherRun(store.manifest, other, from);
  await refuseOtherImages(store.folder, from);
  const known = new Set(await store.finished());
  const sessions = new Map<string, string>();
  const theirs = await readSessions(from, other);
  const sessionHere = async (id: string): Promise<string> => {
    const session = theirs.find((one) => one.id === id);
    if (session === undefined) throw new HarnessBug(`an attempt that counts, of an unknown session: ${id}`);
    const here = sessions.get(id) ?? (await store.adoptSession(session));
    sessions.set(id, here);
    return here;
  };
  let [added, there] = [0, 0];
  for await (const attempt of distinctAttempts(from)) {
    if (known.has(attemptId(attempt.key))) there++;
    else {
      await takeOver(store, from, attempt, await sessionHere(attempt.session));
      added++;
    }
  }
  if (added > 0) await takeOverImages(store, from);
  return { added, known: there };
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

/** A kernel that one of the two hosts had is there. */
async function takeOverImages(store: RunStore, from: string): Promise<void> {
  const ready = new Set(store.images.flatMap((image) => (image.status === 'ready' ? image.kernel : [])));
  for (const image of await readImages(from)) if (!ready.has(image.kernel)) await store.recordImage(image);
}

function refuseOtherRun(here: RunManifest, other: RunManifest, from: string): void {
  const refuse = (why: string) =>
    new UsageError(`runs that can't be merged: ${why}`, {
      where: from,
      remedy: `to set one beside the other: kmatrix compare ${here.id} ${other.id}`,
    });
  if (here.seed !== other.seed) throw refuse(`seed ${other.seed}, not ${here.seed}`);
  const cells = new Map(here.cells.map((cell) => [cell.id, canonicalJson(cell)]));
  for (const cell of other.cells) {
    const mine = cells.get(cell.id);
    if (mine === undefined) throw refuse(`${cell.id} is a cell of one only`);
    if (mine !== canonicalJson(cell)) throw refuse(`${cell.id} was something else there`);
  }
}

async function refuseOtherImages(folder: string, from: string): Promise<void> {
  const [mine, theirs] = [await begunImages(folder), await begunImages(from)];
  for (const which of ['kernels', 'images'] as const) {
    for (const [name, id] of theirs[which]) {
      if ((mine[which].get(name) ?? id) === id) continue;
      throw new UsageError(`runs that can't be merged: ${name} had another image there`, {
        where: from,
        remedy: 'run both with the same kernels and the same kmatrix',
      });
    }
  }
}
