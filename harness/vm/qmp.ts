import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import { HostError } from '../errors.js';
import { LineSplitter } from './line-splitter.js';

export interface QmpEvents {
  readonly event: [name: string, data: Readonly<Record<string, unknown>>];
  readonly end: [];
}

/** A QMP command that failed: QEMU refused it, or never answered. */
export class QmpError extends HostError {
  /** GenericError, CommandNotFound, … as QEMU names them; Timeout and Closed are ours. */
  readonly kind: string;

  constructor(command: string, kind: string, description: string) {
    super(`QEMU ${kind === 'Timeout' ? 'does not answer' : 'refuses'} ${command}: ${description}`, {
      where: 'QMP',
    });
    this.kind = kind;
  }
}

export interface QmpOptions {
  readonly isOpen?: boolean;
  readonly openSeconds?: number | undefined;
}

/**
 * A client of the QEMU Machine Protocol (docs/interop/qmp-spec). QEMU runs a guest that may have taken it over, so its
 * lines are bounded and checked as a guest's are; what doesn't parse is dropped, and the command then times out.
 */
export class Qmp extends EventEmitter<QmpEvents> {
  readonly #socket: Duplex;
  readonly #waiting = new Map<number, Waiting>();
  readonly #lines = new LineSplitter({ limitBytes: 4 << 20 });
  #nextId = 1;
  #ended = false;
  readonly openSeconds: number;
  /** Resolves when QEMU takes commands; rejects with a QmpError where it never does. */
  readonly ready: Promise<void>;

  /**
   * @param isOpen whether QEMU takes commands already: the copy of one that did
   * @param openSeconds how long it may take until it does: a fraction of a second, and some where every core is wanted ten times over
   */
  constructor(socket: Duplex, { isOpen = false, openSeconds = 60 }: QmpOptions = {}) {
    super();
    this.openSeconds = openSeconds;
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      for (const line of this.#lines.push(chunk)) this.#receive(line);
    });
    for (const last of ['error', 'close', 'end'] as const) socket.once(last, () => this.#end());
    socket.on('error', () => {});
    // the greeting needs no waiting for: commands queue in the socket
    this.ready = isOpen
      ? Promise.resolve()
      : this.execute('qmp_capabilities', {}, { timeoutSeconds: openSeconds }).then(() => undefined);
    this.ready.catch(() => {});
  }

  /**
   * Runs a command and returns its value, unchecked.
   *
   * @throws QmpError
   */
  execute(
    command: string,
    commandArguments: Readonly<Record<string, unknown>> = {},
    { timeoutSeconds = 30 }: { timeoutSeconds?: number } = {},
  ): Promise<unknown> {
    if (this.#ended) return Promise.reject(new QmpError(command, 'Closed', 'the machine has ended'));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#settle(id)?.reject(new QmpError(command, 'Timeout', `nothing in ${timeoutSeconds} s`)),
        timeoutSeconds * 1000,
      );
      this.#waiting.set(id, { command, resolve, reject, timer });
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: commandArguments, id })}\n`);
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  #receive(line: Buffer): void {
    const message = parsed(line);
    if (message === undefined) return;
    if ('event' in message) {
      this.emit('event', message.event, message.data);
      return;
    }
    const waiting = this.#settle(message.id);
    if (waiting === undefined) return;
    if ('error' in message) {
      waiting.reject(new QmpError(waiting.command, message.error.class, message.error.desc));
    } else {
      waiting.resolve(message.return);
    }
  }

  /** Takes a command off the list of those that wait, with its timer. */
  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiting?.timer);
    return waiting;
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const id of [...this.#waiting.keys()]) {
      const waiting = this.#settle(id);
      waiting?.reject(new QmpError(waiting.command, 'Closed', 'the machine ended before it answered'));
    }
    this.emit('end');
  }
}

interface Waiting {
  readonly command: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: QmpError) => void;
  readonly timer: NodeJS.Timeout;
}

const shortText = z.string().max(10_000);
const eventSchema = z.object({ event: shortText, data: z.record(z.string(), z.unknown()).default({}) });
const errorSchema = z.object({ id: z.number(), error: z.object({ class: shortText, desc: shortText }) });
const returnSchema = z.object({ id: z.number(), return: z.unknown() });

/** The key that a message has says its kind; a union would try them all. */
function parsed(line: Buffer) {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    if ('event' in value) return eventSchema.safeParse(value).data;
    if ('error' in value) return errorSchema.safeParse(value).data;
    return returnSchema.safeParse(value).data;
  } catch {
    return undefined;
  }
}
