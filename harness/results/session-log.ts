import { basename, join } from 'node:path';
import { HarnessBug } from '../errors.js';
import { AppendedLines } from './appended-lines.js';
import { hostFacts } from './host-facts.js';
import type { RunManifest } from './manifest.js';
import {
  apply,
  readSessions,
  type Session,
  type SessionEvent,
  type SessionFacts,
  sessionsFile,
} from './session.js';
import { withoutHostPaths } from './without-host-paths.js';

/** sessions.jsonl of a run that is being written. Its writers take turns: one append at a time. */
export class SessionLog {
  readonly #lines: AppendedLines;
  readonly #sessions: Map<string, Session>;
  #current: Session | undefined;

  /** @throws UsageError where the file is damaged */
  static async open(folder: string, manifest: RunManifest): Promise<SessionLog> {
    const lines = await AppendedLines.open(join(folder, sessionsFile));
    try {
      return new SessionLog(lines, await readSessions(folder, manifest));
    } catch (error) {
      await lines.close();
      throw error;
    }
  }

  private constructor(lines: AppendedLines, sessions: readonly Session[]) {
    this.#lines = lines;
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
    const { qemu, accelerator } = facts;
    await this.#append({
      type: 'began',
      id,
      startedAt: new Date().toISOString(),
      host: hostFacts(),
      ...facts,
      qemu: { ...qemu, binary: basename(qemu.binary) },
      accelerator: { ...accelerator, reason: withoutHostPaths(accelerator.reason) },
    });
    this.#current = this.#sessions.get(id);
    return this.current;
  }

  async discard(id: string, reason: string): Promise<void> {
    if (!this.#sessions.has(id)) throw new HarnessBug(`the run has no session ${id}`);
    const at = new Date().toISOString();
    await this.#append({ type: 'discarded', id, at, reason: withoutHostPaths(reason) });
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
    apply(this.#sessions, event);
  }
}
