import type { AgentSession } from './agent.js';
import type { GuestFrame, InputFrame, SharedInputFrame, SharedPiece } from './types.js';

export interface FeedOptions {
  readonly signal: AbortSignal;
  /** Memory that the machine shares with this process: leaves a piece there, of `mostBytes`. */
  readonly exchange?:
    | { readonly put: (piece: Uint8Array) => SharedPiece; readonly mostBytes: number }
    | undefined;
}

/**
 * Feeds a workload's standard input, byte for byte. One piece at a time is on its way, and the next one follows once the
 * workload's pipe has taken it: neither the shared memory nor a serial line has another way to make its writer wait. On the line
 * a piece is smaller than what the guest's terminal holds (N_TTY_BUF_SIZE, 4,096 bytes). One that came to harm is sent again.
 *
 * Returns when the source has ended and the guest has it all, or nobody there reads any more.
 *
 * @param source is left where nobody reads any more
 * @throws what the source throws; the signal's reason
 */
export async function feedInput(
  session: AgentSession,
  source: AsyncIterable<Uint8Array>,
  { signal, exchange }: FeedOptions,
): Promise<void> {
  let at = 0;
  // the guest says whether it has the memory, too, with the first answer
  let shared: FeedOptions['exchange'];
  const send = async (piece: Uint8Array, end: boolean): Promise<boolean> => {
    const frame: InputFrame | SharedInputFrame = shared
      ? { type: 'shared-input', at, end, ...shared.put(piece) }
      : { type: 'input', at, end, data: Buffer.from(piece).toString('base64') };
    const taken = await deliver(session, frame, piece.length, signal);
    at += piece.length;
    shared = taken?.exchange ? exchange : undefined;
    return taken !== null;
  };
  for await (const chunk of source) {
    for (let from = 0; from < chunk.length; ) {
      const piece = chunk.subarray(from, from + (shared?.mostBytes ?? lineBytes));
      if (!(await send(piece, false))) return;
      from += piece.length;
    }
  }
  await send(new Uint8Array(), true);
}

/** In base64, and with a frame around it, well below 4,096 bytes. */
const lineBytes = 2400;

/** @returns the guest's answer; null where it wants no more */
function deliver(
  session: AgentSession,
  frame: InputFrame | SharedInputFrame,
  length: number,
  signal: AbortSignal,
): Promise<{ readonly exchange: boolean } | null> {
  return new Promise((resolve, reject) => {
    const say = (): void => session.input(frame);
    const again = setInterval(say, repeatSeconds * 1000);
    const finish = (settle: () => void): void => {
      clearInterval(again);
      session.off('frame', look).off('end', gone);
      signal.removeEventListener('abort', abort);
      settle();
    };
    const look = (heard: GuestFrame): void => {
      if (heard.type === 'note' && heard.text.startsWith('frame rejected:')) say();
      if (heard.type !== 'taken') return;
      if (heard.closed) finish(() => resolve(null));
      else if (!frame.end && heard.bytes >= frame.at + length) finish(() => resolve(heard));
    };
    const gone = (): void => finish(() => resolve(null));
    const abort = (): void => finish(() => reject(signal.reason));
    session.on('frame', look).once('end', gone);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    else say();
  });
}

/** A piece may wait for long, for a workload that doesn't read; the guest takes no piece twice. */
const repeatSeconds = 30;
