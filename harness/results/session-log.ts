import { basename, join } from 'node:path';
import { HarnessBug } from '../errors.js';
import type { AttemptKey } from '../matrix/types.js';
import { AppendedLines } from './appended-lines.js';
import { hostFacts } from './host-facts.js';
import type { RunManifest } from './manifest.js';
import { withoutHostPaths } from './public-text.js';
import {
  applyEvent,
  readEvents,
  readSessions,
  type Session,
  type SessionEvent,
  type SessionFacts,
  sessionsFile,
  type UserlandRecord,
} from './session.js';

/** What is in the file already. */
interface Recorded {
  readonly images: Set<string>;
  readonly userlands: Set<string>;
}

/** sessions.jsonl of a run that is being written. Its writers take turns: one append at a time. */
export class SessionLog {
  readonly #lines: AppendedLines;
  readonly #sessions: Map<string, Session>;
  /** Cells whose image is recorded. */
  readonly #images: Set<string>;
  /** Rows whose userland is. */
  readonly #userlands: Set<string>;
  #current: Session | undefined;

  /** @throws UsageError where the file is damaged */
  static async open(folder: string, manifest: RunManifest): Promise<SessionLog> {
    const lines = await AppendedLines.open(join(folder, sessionsFile));
    try {
      const recorded: Recorded = { images: new Set(), userlands: new Set() };
      for await (const event of readEvents(folder)) {
        if (event.type === 'image') recorded.images.add(event.cell);
        if (event.type === 'userland') recorded.userlands.add(event.row);
      }
      return new SessionLog(lines, await readSessions(folder, manifest), recorded);
    } catch (error) {
      await lines.close();
      throw error;
    }
  }

  private constructor(lines: AppendedLines, sessions: readonly Session[], { images, userlands }: Recorded) {
    this.#lines = lines;
    this.#images = images;
    this.#userlands = userlands;
    this.#sessions = new Map(sessions.map((session) => [session.id, session]));
  }

  /** Oldest first. */
  get sessions(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  /** The one that goes on. */
  get current(): Session {
    if (this.#current === undefined) throw new HarnessBug('no session of this run has begun');
    return this.#current;
  }

  /**
   * Ends the one that goes on, and begins another on this host.
   *
   * @param id of a run's very first; by default the next one's
   */
  async begin(facts: SessionFacts, id = String(this.#sessions.size + 1)): Promise<Session> {
    await this.end();
    // by name: a caller's facts may hold more, which is not for publishing
    const { kmatrix, qemu, accelerator, jobs, start, guest } = facts;
    await this.#append({
      type: 'began',
      id,
      startedAt: new Date().toISOString(),
      host: hostFacts(),
      kmatrix,
      qemu: { ...qemu, binary: basename(qemu.binary) },
      accelerator: { ...accelerator, reason: withoutHostPaths(accelerator.reason) },
      ...(jobs && { jobs }),
      ...(start && { start }),
      ...(guest !== undefined && { guest }),
    });
    this.#current = this.#sessions.get(id);
    return this.current;
  }

  /**
   * Puts a session of another run beside this one's own, once; gives the id that it has here.
   *
   * @param run id of that other run
   */
  async adopt(session: Session, run: string): Promise<string> {
    const { endedAt, discarded: _, ...began } = session;
    const from = session.from ?? { run, session: session.id };
    const known = this.sessions.find(
      (one) => one.from?.run === from.run && one.from.session === from.session,
    );
    if (known) return known.id;
    const id = String(this.#sessions.size + 1);
    await this.#append({ type: 'began', ...began, id, from });
    if (endedAt !== null) await this.#append({ type: 'ended', id, at: endedAt });
    return id;
  }

  async noteAskedElsewhere({ cell, index }: Pick<AttemptKey, 'cell' | 'index'>): Promise<void> {
    await this.#append({ type: 'asked-elsewhere', cell, index });
  }

  async discard(id: string, reason: string): Promise<void> {
    if (!this.#sessions.has(id)) throw new HarnessBug(`the run has no session ${id}`);
    const at = new Date().toISOString();
    await this.#append({ type: 'discarded', id, at, reason: withoutHostPaths(reason) });
  }

  /** Does nothing where the cell's image is known already: what it was begun with stays. */
  async recordImage(cell: string, image: string): Promise<void> {
    if (this.#images.has(cell)) return;
    this.#images.add(cell);
    await this.#append({ type: 'image', cell, image });
  }

  /** The first word on a row counts: what a run was begun with stays. */
  async recordUserland({ row, disk, contents, list, provenance }: UserlandRecord): Promise<void> {
    if (this.#userlands.has(row)) return;
    this.#userlands.add(row);
    await this.#append({ type: 'userland', row, disk, contents, list, provenance });
  }

  async end(): Promise<void> {
    if (this.#current === undefined) return;
    const { id } = this.#current;
    this.#current = undefined;
    await this.#append({ type: 'ended', id, at: new Date().toISOString() });
  }

  close(): Promise<void> {
    return this.#lines.close();
  }

  async #append(event: SessionEvent): Promise<void> {
    await this.#lines.append(event, "the run's session can't be stored");
    applyEvent(this.#sessions, event);
  }
}
