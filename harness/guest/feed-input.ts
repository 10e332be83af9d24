import type { AgentSession } from './agent.js';
import type { GuestFrame } from './types.js';

/**
 * Feeds a workload's standard input, byte for byte. One piece at a time is on its way, smaller than what the guest's terminal
 * holds (N_TTY_BUF_SIZE, 4,096 bytes), and the next one follows once the workload's pipe has taken it: a serial line has no
 * other way to make its writer wait. A piece that came to harm is sent again.
 *
 * Returns when the source has ended and the guest has it all, or nobody there reads any more.
 *
 * @param source is left where nobody reads any more
 * @throws what the source throws; the signal's reason
 */
export async function feedInput(
  session: AgentSession,
  source: AsyncIterable<Uint8Array>,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  let at = 0;
  for await (const chunk of source) {
    for (let from = 0; from < chunk.length; from += pieceBytes) {
      const piece = chunk.subarray(from, from + pieceBytes);
      if (await send(session, { at, piece, end: false }, signal)) return;
      at += piece.length;
    }
  }
  await send(session, { at, piece: new Uint8Array(), end: true }, signal);
}

/** In base64, and with a frame around it, well below 4,096 bytes. */
const pieceBytes = 2400;

interface Piece {
  readonly at: number;
  readonly piece: Uint8Array;
  readonly end: boolean;
}

/** @returns whether the guest wants no more */
function send(session: AgentSession, { at, piece, end }: Piece, signal: AbortSignal): Promise<boolean> {
  const data = Buffer.from(piece).toString('base64');
  return new Promise((resolve, reject) => {
    const say = (): void => session.input({ at, data, end });
    const again = setInterval(say, repeatSeconds * 1000);
    const finish = (settle: () => void): void => {
      clearInterval(again);
      session.off('frame', look).off('end', gone);
      signal.removeEventListener('abort', abort);
      settle();
    };
    const look = (frame: GuestFrame): void => {
      if (frame.type === 'note' && frame.text.startsWith('frame rejected:')) say();
      if (frame.type !== 'taken') return;
      if (frame.closed) finish(() => resolve(true));
      else if (!end && frame.bytes >= at + piece.length) finish(() => resolve(false));
    };
    const gone = (): void => finish(() => resolve(true));
    const abort = (): void => finish(() => reject(signal.reason));
    session.on('frame', look).once('end', gone);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    else say();
  });
}

/** A piece may wait for long, for a workload that doesn't read; the guest takes no piece twice. */
const repeatSeconds = 30;
