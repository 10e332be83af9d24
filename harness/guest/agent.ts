import { EventEmitter } from 'node:events';
import { HostError } from '../errors.js';
import { printable } from '../host/printable.js';
import { LineSplitter } from '../vm/line-splitter.js';
import type { SerialPort } from '../vm/serial-port.js';
import { Beats } from './beats.js';
import { decodeFrame, encodeFrame } from './frames.js';
import { Kept } from './kept.js';
import { Sequence } from './sequence.js';
import type {
  DoneFrame,
  GuestFrame,
  HostFrame,
  InputFrame,
  ReadyFrame,
  RefusedFrame,
  SharedInputFrame,
} from './types.js';

export interface AgentEvents {
  readonly frame: [frame: GuestFrame];
  /** A line that was no frame: text as it came, unescaped. */
  readonly garbled: [line: string];
  readonly end: [];
}

/** What a workload is started with; see StartFrame for the units. */
export type Start = Omit<Extract<HostFrame, { type: 'start' }>, 'type'>;

/** What was said, for the diagnosis. */
export interface Conversation {
  readonly ready: boolean;
  readonly done: DoneFrame | null;
  readonly longestGapSeconds: number;
  readonly cameBack: boolean;
}

/** The host's end of the agent protocol, over ttyS1 of a machine. */
export class AgentSession extends EventEmitter<AgentEvents> {
  readonly #channel: SerialPort;
  readonly #lines = new LineSplitter({ limitBytes: 16 * 1024 });
  readonly #sequence = new Sequence();
  readonly #beats: Beats;
  /** Facts, samples and notes. */
  readonly said = new Kept();
  #sent = 0;
  #garbled = 0;
  #ready: ReadyFrame | null = null;
  #done: DoneFrame | null = null;
  #refused: RefusedFrame | null = null;

  /** @param now milliseconds of a monotonic clock */
  constructor(channel: SerialPort, now: () => number = () => performance.now()) {
    super();
    this.setMaxListeners(0);
    this.#channel = channel;
    this.#beats = new Beats(now);
    channel.on('bytes', (chunk) => {
      for (const line of this.#lines.push(chunk)) this.#receive(line);
    });
    channel.once('end', () => {
      this.#beats.close();
      this.emit('end');
    });
  }

  /**
   * Says hello until the guest answers: a line that comes before the guest has opened ttyS1 and made it raw is lost. What
   * got through of such a one, if only its beginning, ends with the new line that comes before hello.
   *
   * @returns null where the channel ended first
   */
  async ready({
    signal,
    everySeconds = 0.5,
  }: {
    signal?: AbortSignal | undefined;
    everySeconds?: number;
  } = {}): Promise<ReadyFrame | null> {
    const hello = (): void => {
      this.#send({ type: 'hello' }, '\n');
    };
    hello();
    const timer = setInterval(hello, everySeconds * 1000);
    try {
      return await this.#until(() => this.#ready, signal);
    } finally {
      clearInterval(timer);
    }
  }

  start(order: Start): void {
    this.#refused = null;
    this.#send({ type: 'start', ...order });
  }

  /** A piece of the workload's standard input. */
  input(piece: InputFrame | SharedInputFrame): void {
    this.#send(piece);
  }

  /** The guest's words are left in its serial port until `resume`: its writers then wait. */
  pause(): void {
    this.#channel.pause();
  }

  resume(): void {
    this.#channel.resume();
  }

  /** Asks the workload to finish its iteration and say done. */
  stop(): void {
    this.#send({ type: 'stop' });
  }

  poweroff(): void {
    this.#send({ type: 'poweroff' });
  }

  /**
   * The workload's end; null where the channel ended first.
   *
   * @throws HostError where the agent refuses to start one
   */
  async done({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<DoneFrame | null> {
    const end = await this.#until(() => this.#done ?? this.#refused, signal);
    if (end?.type !== 'refused') return end;
    throw new HostError(refusalText(end));
  }

  /** Frames' own view of the guest's pulse. */
  get beats(): Beats {
    return this.#beats;
  }

  /** Lines since ready that were no frames; over-long ones from the start. */
  get garbledFrames(): number {
    return this.#garbled + this.#lines.dropped;
  }

  /** Frames that must have been lost, by the writers' own numbers. */
  get missingFrames(): number {
    return this.#sequence.missing;
  }

  conversation(): Conversation {
    return {
      ready: this.#ready !== null,
      done: this.#done,
      longestGapSeconds: this.#beats.longestGapSeconds,
      cameBack: this.#beats.cameBack,
    };
  }

  #send(body: HostFrame, before = ''): void {
    this.#channel.write(before + encodeFrame(++this.#sent, body));
  }

  #receive(line: Buffer): void {
    const received = decodeFrame(line);
    if (received === undefined) {
      if (line.length === 0) return;
      // until the agent has made ttyS1 raw, the terminal echoes our own hello: evidence of nothing
      if (this.#ready !== null) this.#garbled += 1;
      this.emit('garbled', line.toString('utf8'));
      return;
    }
    this.#sequence.see(received.from, received.n);
    this.#keep(received.frame);
    this.emit('frame', received.frame);
  }

  #keep(frame: GuestFrame): void {
    switch (frame.type) {
      case 'ready':
        this.#ready ??= frame;
        return;
      case 'beat':
        this.#beats.beat(frame);
        return;
      case 'done':
        this.#done ??= frame;
        return;
      case 'fact':
      case 'sample':
      case 'note':
        this.said.add(frame);
        return;
      case 'refused':
        this.#refused = frame;
        return;
      case 'output':
      case 'shared-output':
      case 'taken':
        return;
      default:
        frame satisfies never;
    }
  }

  #until<T>(value: () => T | null, signal?: AbortSignal): Promise<T | null> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        this.off('frame', look).off('end', look);
        signal?.removeEventListener('abort', abort);
        settle();
      };
      const look = () => {
        const found = value();
        if (found !== null || this.#channel.ended) finish(() => resolve(found));
      };
      const abort = () => finish(() => reject(signal?.reason));
      this.on('frame', look).on('end', look);
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted) abort();
      else look();
    });
  }
}

/** Why no workload was started, for people. */
export const refusalText = ({ reason }: RefusedFrame): string =>
  `the agent refused to start the workload: ${printable(reason, 300)}`;
