import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { BoundedBytes } from './bounded-bytes.js';

/** `text`: decoded, a character never cut in two; `bytes`: as they came; `end`: QEMU closed its side. */
export interface SerialPortEvents {
  readonly bytes: [chunk: Buffer];
  readonly text: [chunk: string];
  readonly end: [];
}

/** How much of the transcript is kept: of its beginning and of its end. */
export interface SerialPortLimits {
  readonly headBytes: number;
  readonly tailBytes: number;
}

/**
 * The host's end of a serial port of a machine. It reads from the start, so that the guest never blocks on a full pipe,
 * and keeps a bounded transcript.
 */
export class SerialPort extends EventEmitter<SerialPortEvents> {
  readonly #socket: Duplex;
  readonly #kept: BoundedBytes;
  readonly #decoder = new StringDecoder('utf8');
  #ended = false;
  #lastByteAt = performance.now();

  constructor(socket: Duplex, limits: SerialPortLimits = { headBytes: 1 << 20, tailBytes: 7 << 20 }) {
    super();
    this.setMaxListeners(0);
    this.#socket = socket;
    this.#kept = new BoundedBytes(limits);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    // a broken pair only repeats what the machine's exit says
    socket.on('error', () => this.#end());
    socket.once('close', () => this.#end());
    socket.once('end', () => this.#end());
  }

  /** Bytes that the guest wrote so far: a counter of progress. */
  get bytesSeen(): number {
    return this.#kept.seen;
  }

  /** When the last byte came, or the port was opened: milliseconds of performance.now(). */
  get lastByteAt(): number {
    return this.#lastByteAt;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Everything kept so far; a line in brackets stands for what was dropped. */
  text(): string {
    return this.#kept.text();
  }

  /** Types into the guest. After the machine's end this does nothing. */
  write(text: string): void {
    if (!this.#ended && this.#socket.writable) this.#socket.write(text);
  }

  /** Reads no more until `resume`: QEMU waits, and then whoever writes in the guest. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  #read(chunk: Buffer): void {
    this.#lastByteAt = performance.now();
    this.#kept.append(chunk);
    this.emit('bytes', chunk);
    const text = this.#decoder.write(chunk);
    if (text !== '') this.emit('text', text);
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    const rest = this.#decoder.end();
    if (rest !== '') this.emit('text', rest);
    this.emit('end');
  }
}
