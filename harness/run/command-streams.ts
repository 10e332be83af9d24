import { HostError } from '../errors.js';
import type { AgentSession } from '../guest/agent.js';
import { feedInput } from '../guest/feed-input.js';
import type { DoneFrame, GuestFrame, OutputFrame, SharedOutputFrame } from '../guest/types.js';
import { type Exchange, slotBytes } from './exchange.js';

/** Where a command's standard streams go to and come from. */
export interface Streams {
  /** Its standard input. It is left where the command reads no more. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Takes what it writes, in order; the promise is of room for more, where there is none. */
  readonly output: (stream: 1 | 2, bytes: Buffer) => Promise<void> | undefined;
}

/**
 * Runs a command in a machine that is ready (images/guest/workloads/shell.c), and carries its streams until it ends.
 *
 * @param words the program and its arguments
 * @returns how it ended; null where the machine ended first
 * @throws HostError where bytes were lost on the way; what the input throws; the signal's reason
 */
export async function runCommand(
  session: AgentSession,
  words: readonly string[],
  { input, output }: Streams,
  { signal, exchange }: { readonly signal: AbortSignal; readonly exchange?: Exchange },
): Promise<DoneFrame | null> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const written = { 1: 0, 2: 0 };
  let full = 0;
  let lose = (_: unknown): void => {};
  const lost = new Promise<never>((_, reject) => {
    lose = reject;
  });
  const pass = (frame: OutputFrame | SharedOutputFrame): void => {
    const { stream, at } = frame;
    if (at !== written[stream]) throw lostBytes(stream, written[stream], at);
    if (frame.type === 'output') {
      const bytes = Buffer.from(frame.data, 'base64');
      written[stream] += bytes.length;
      const room = output(stream, bytes);
      if (room !== undefined) pauseUntil(room);
    } else if (exchange !== undefined) {
      const bytes = exchange.take(frame);
      written[stream] += bytes.length;
      // the guest waits for a free slot: it holds no more than those here
      void (output(stream, bytes) ?? Promise.resolve()).then(() => exchange.release());
    }
  };
  const pauseUntil = (room: Promise<void>): void => {
    full += 1;
    session.pause();
    void room.then(() => {
      full -= 1;
      if (full === 0) session.resume();
    });
  };
  const passOrLose = (frame: GuestFrame): void => {
    if (frame.type !== 'output' && frame.type !== 'shared-output') return;
    try {
      pass(frame);
    } catch (error) {
      lose(error);
    }
  };
  session.on('frame', passOrLose);
  session.start({
    ...{ workload: 'shell', seed: 1, iterations: 1, time: Date.now() / 1000, entropy: '00'.repeat(32) },
    args: { way: 'command' },
    feed: true,
  });
  const fed = feedInput(session, commandThen(words, input), {
    signal: either,
    exchange: exchange && { put: (piece) => exchange.put(piece), mostBytes: slotBytes },
  });
  // that it ended well says nothing of the command
  const notFed = fed.then(() => new Promise<never>(() => {}));
  try {
    return await Promise.race([session.done({ signal: either }), notFed, lost]);
  } finally {
    session.off('frame', passOrLose);
    over.abort(new Error('the command has ended'));
    for (const promise of [notFed, lost]) promise.catch(() => {});
  }
}

/** What the workload reads first: the length of all words, each with a NUL behind it, in hexadecimal. */
async function* commandThen(
  words: readonly string[],
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(words.map((word) => `${word}\0`).join(''), 'utf8');
  yield Buffer.from(bytes.length.toString(16).padStart(8, '0'), 'latin1');
  yield bytes;
  yield* input;
}

const lostBytes = (stream: 1 | 2, from: number, to: number): HostError =>
  new HostError(
    `bytes ${from} to ${to} of the command’s standard ${stream === 1 ? 'output' : 'error'} were lost`,
    {
      where: 'ttyS1',
      remedy: 'run it again; if this happens again, it is a bug in kmatrix',
    },
  );
