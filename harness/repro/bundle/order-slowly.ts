import { setTimeout as pause } from 'node:timers/promises';
import { HostError } from '../../errors.js';
import type { AgentSession, Start } from '../../guest/agent.js';
import { encodeFrame } from '../../guest/frames.js';
import type { GuestFrame } from '../../guest/types.js';
import type { SerialPort } from '../../vm/serial-port.js';

/**
 * Gives a start order to an agent that is ready, through a serial port that loses what comes too fast: input to a recorded
 * machine is delivered when the log says, whether or not there is room among the UART's 16 bytes. So it comes in small
 * pieces. A `hello` follows, which the agent answers once it has read what came before; a frame that it rejects, or
 * silence, has the order sent again, in smaller pieces and more slowly. An order that came twice is refused by the agent.
 *
 * @throws HostError where the agent got none of them whole; what the signal was aborted with
 */
export async function orderSlowly(
  port: SerialPort,
  session: AgentSession,
  order: Start,
  signal: AbortSignal,
): Promise<void> {
  let n = 0;
  // a line's end first, which ends whatever half a frame the agent may have
  const text = (): string =>
    `\n${encodeFrame(++n, { type: 'start', ...order })}${encodeFrame(++n, { type: 'hello' })}`;
  for (const { bytes, milliseconds } of paces) {
    const words = text();
    const answer = answered(session, signal, (words.length / bytes) * milliseconds + answerMilliseconds);
    for (let at = 0; at < words.length; at += bytes) {
      port.write(words.slice(at, at + bytes));
      await pause(milliseconds, undefined, { signal });
    }
    if (await answer) return;
  }
  throw new HostError("the agent of the recorded machine didn't answer the start command", {
    remedy: 'if the host is busy, try again when it is idle',
  });
}

/** Measured on a host whose CPUs were wanted three times over: 8 bytes every 20 ms were lost, 4 every 40 ms came. */
const paces = [
  { bytes: 4, milliseconds: 25 },
  { bytes: 4, milliseconds: 50 },
  { bytes: 2, milliseconds: 50 },
  { bytes: 1, milliseconds: 50 },
  { bytes: 1, milliseconds: 100 },
] as const;

const answerMilliseconds = 10_000;

/** Whether `ready` came before a frame was rejected, or the workload was done as soon. */
function answered(session: AgentSession, signal: AbortSignal, milliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (isWell: boolean): void => {
      clearTimeout(timer);
      session.off('frame', look).off('end', end);
      signal.removeEventListener('abort', end);
      resolve(isWell);
    };
    const look = (frame: GuestFrame): void => {
      if (frame.type === 'ready' || frame.type === 'done') finish(true);
      if (frame.type === 'note' && frame.text.startsWith('frame rejected')) finish(false);
    };
    // what becomes of a machine that has ended is for others to say
    const end = (): void => finish(true);
    const timer = setTimeout(() => finish(false), milliseconds);
    session.on('frame', look).once('end', end);
    signal.addEventListener('abort', end, { once: true });
  });
}
