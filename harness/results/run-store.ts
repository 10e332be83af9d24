import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { AttemptResult } from '../attempt/types.js';
import { HarnessBug, UsageError } from '../errors.js';
import type { Lock } from '../host/lock.js';
import { makeFolder } from '../host/make-folder.js';
import type { AttemptKey, Cell, Selection } from '../matrix/types.js';
import { AppendedLines } from './appended-lines.js';
import { attemptId, consoleName, seriesName } from './attempt-id.js';
import type { StoredAttempt } from './attempt-schema.js';
import { boundedAttempt } from './bounded-attempt.js';
import { diskError } from './disk-error.js';
import { isPacked } from './evidence-pack.js';
import { hostFacts } from './host-facts.js';
import { type ImageRecord, type RunManifest, storeVersion } from './manifest.js';
import { publicImage, publicReason, withoutHostPaths } from './public-text.js';
import { readAttempts, readImages, readManifest } from './read-run.js';
import { lockRun } from './run-lock.js';
import { writeSeries } from './series.js';
import { firstSession, type Session, type SessionFacts, type UserlandRecord } from './session.js';
import { SessionLog } from './session-log.js';
import { storedCell } from './stored-cell.js';
import { writeConsole } from './write-console.js';

/** What is known of a run before its first attempt. */
export interface NewRun extends SessionFacts {
  readonly matrixHash: string;
  /** See RunManifest. */
  readonly cellsHash?: string;
  readonly seed: number;
  readonly selection: Selection;
  readonly cells: readonly Cell[];
}

/**
 * A run's folder while it is written: run.json, images.json, sessions.jsonl, attempts.jsonl, consoles/, series/. Append-only. An attempt
 * is finished when its line with its newline is on disk, after its console. Each belongs to the session that ran it; what a
 * discarded one ran is kept, counts nowhere, and is run again. The folder is meant to be published: what would name folders of
 * this host is left out here, where it is recorded.
 */
export class RunStore {
  readonly folder: string;
  readonly manifest: RunManifest;
  readonly #attempts: AppendedLines;
  readonly #sessions: SessionLog;
  readonly #lock: Lock;
  readonly #images: Map<string, ImageRecord>;
  /** Appends one after the other: two interleaved writes could tear each other. */
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(parts: Parts) {
    this.folder = parts.folder;
    this.manifest = parts.manifest;
    this.#attempts = parts.attempts;
    this.#sessions = parts.sessions;
    this.#lock = parts.lock;
    this.#images = new Map(parts.images.map((image) => [image.kernel, image]));
  }

  /**
   * Begins a run and its first session in a folder of its own below `root`.
   *
   * @throws HostError where the folder can't be written
   */
  static async create(root: string, run: NewRun): Promise<RunStore> {
    const startedAt = new Date();
    const id = runId(startedAt);
    const folder = join(root, id);
    const { guest: _, ...recorded } = run;
    const { qemu, accelerator } = run;
    const manifest: RunManifest = {
      version: storeVersion,
      id,
      startedAt: startedAt.toISOString(),
      host: hostFacts(),
      ...recorded,
      qemu: { ...qemu, binary: basename(qemu.binary) },
      accelerator: { ...accelerator, reason: withoutHostPaths(accelerator.reason) },
      cells: run.cells.map(storedCell),
    };
    try {
      await makeFolder(join(folder, 'consoles'));
      await writeFileAtomic(join(folder, 'run.json'), `${JSON.stringify(manifest, null, 2)}\n`);
      await (await open(join(folder, 'attempts.jsonl'), 'a')).close();
    } catch (cause) {
      throw diskError("the run's folder can't be made", folder, cause);
    }
    const store = await RunStore.#opened(folder, manifest);
    try {
      await store.#sessions.begin(run, firstSession);
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  /**
   * Goes on with a run: cuts off a line that was torn by a kill, and keeps it aside. Nothing is appended before `beginSession`.
   *
   * @throws UsageError where it can't be read, is packed, or another process writes it
   */
  static async open(folder: string): Promise<RunStore> {
    const manifest = await readManifest(folder);
    if (isPacked(folder)) {
      throw new UsageError('a run that was packed for publication takes no more attempts', {
        where: folder,
        remedy: 'start a new run, and kmatrix compare them',
      });
    }
    return await RunStore.#opened(folder, manifest);
  }

  static async #opened(folder: string, manifest: RunManifest): Promise<RunStore> {
    const lock = await lockRun(join(folder, 'run.json'));
    const file = join(folder, 'attempts.jsonl');
    const opened: { close(): Promise<void> }[] = [];
    try {
      const images = await readImages(folder);
      const sessions = await SessionLog.open(folder, manifest);
      opened.push(sessions);
      return new RunStore({
        folder,
        manifest,
        lock,
        images,
        sessions,
        attempts: await AppendedLines.open(file),
      });
    } catch (cause) {
      for (const one of opened) await one.close();
      await lock.release();
      if (cause instanceof UsageError) throw cause;
      throw diskError("the run can't be opened", file, cause);
    }
  }

  /** In the order in which this run learnt of them. */
  get sessions(): readonly Session[] {
    return this.#sessions.sessions;
  }

  /** The one that goes on: attempts that are appended are its. */
  get session(): Session {
    return this.#sessions.current;
  }

  /** A resumed run goes on in a session of its own, and so does one that changes what it runs on. Ends the one before. */
  beginSession(facts: SessionFacts): Promise<Session> {
    return this.#inTurn(() => this.#sessions.begin(facts));
  }

  /**
   * From now on the session's attempts count nowhere: in no table, comparison or page, nor as finished. They stay in the store.
   *
   * @param reason one clause, for reports
   */
  discardSession(id: string, reason: string): Promise<void> {
    return this.#inTurn(() => this.#sessions.discard(id, reason));
  }

  /** A session of another run whose attempts come into this one (mergeRun); its id here is for `append`. */
  adoptSession(session: Session, run: string): Promise<string> {
    return this.#inTurn(() => this.#sessions.adopt(session, run));
  }

  /** From now on an attempt that is here as unavailable counts nowhere: one that ran elsewhere follows. */
  noteAskedElsewhere(key: Pick<AttemptKey, 'cell' | 'index'>): Promise<void> {
    return this.#inTurn(() => this.#sessions.noteAskedElsewhere(key));
  }

  /** The image (Image.id) that a cell's attempts run with; the first word on a cell counts (begunImages). */
  recordCellImage(cell: string, image: string): Promise<void> {
    return this.#inTurn(() => this.#sessions.recordImage(cell, image));
  }

  /** What a userland's row came to; likewise. */
  recordUserland(userland: UserlandRecord): Promise<void> {
    return this.#inTurn(() => this.#sessions.recordUserland(userland));
  }

  /** Ids (attemptId) of the attempts that are on disk and count. */
  async finished(): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    for await (const { key } of readAttempts(this.folder)) ids.add(attemptId(key));
    return ids;
  }

  /**
   * Puts a finished attempt on disk, console first. When this has resolved, no kill can undo it.
   *
   * @param console raw bytes of ttyS0, or their text
   * @param session that ran it; the one that goes on by default
   * @throws HostError where the disk refuses; what was appended before stays valid, and this attempt isn't finished
   */
  append(result: AttemptResult, console: string | Uint8Array, session = this.session.id): Promise<void> {
    return this.#inTurn(async () => {
      const bounded = boundedAttempt(result);
      const { key, samples } = result;
      const name = await writeConsole(this.folder, consoleName(key, session), Buffer.from(console));
      const series = samples.length === 0 ? '' : seriesName(key, session);
      if (series !== '') await writeSeries(this.folder, series, samples);
      const reason = publicReason(result);
      const line: StoredAttempt = { ...bounded, session, reason, console: name, samples: [], series };
      await this.#attempts.append(line, "the attempt can't be stored");
    });
  }

  /** What a kernel row resolved to; the last word on a row counts. */
  recordImage(image: ImageRecord): Promise<void> {
    this.#images.set(image.kernel, publicImage(image));
    const file = join(this.folder, 'images.json');
    return this.#inTurn(async () => {
      try {
        await writeFileAtomic(file, `${JSON.stringify([...this.#images.values()], null, 2)}\n`);
      } catch (cause) {
        throw diskError("the images can't be stored", file, cause);
      }
    });
  }

  /** See images.json. */
  get images(): readonly ImageRecord[] {
    return [...this.#images.values()];
  }

  /** Records on a kernel's image that only TCG boots it here. */
  async noteOnlyTcgBoots(kernel: string, reason: string): Promise<void> {
    const image = this.#images.get(kernel);
    if (image?.status === 'ready') await this.recordImage({ ...image, onlyTcgBoots: reason });
  }

  /** Waits for what is being written, and lets go of the folder. */
  async close(): Promise<void> {
    // a disk that is full has been told of; a session without an end was cut short
    await this.#inTurn(() => this.#sessions.end()).catch(() => {});
    await this.#sessions.close();
    await this.#attempts.close();
    await this.#lock.release();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(work);
    this.#tail = done.catch(() => {});
    return done;
  }
}

interface Parts {
  readonly folder: string;
  readonly manifest: RunManifest;
  readonly attempts: AppendedLines;
  readonly sessions: SessionLog;
  readonly lock: Lock;
  readonly images: readonly ImageRecord[];
}

/** 20261124T111500Z-3fa9: sorts by time; the suffix keeps two runs of one second apart. */
function runId(time: Date): string {
  const [stamp] = time.toISOString().replace(/[-:]/g, '').split('.');
  if (stamp === undefined) throw new HarnessBug('a date without a second');
  return `${stamp}Z-${randomBytes(3).toString('hex')}`;
}
