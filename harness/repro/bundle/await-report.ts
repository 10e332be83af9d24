import type { AgentSession } from '../../guest/index.js';
import { FatalText } from '../../schedule/fatal-text.js';
import { hostClock } from '../../vm/index.js';
import type { SerialPort } from '../../vm/serial-port.js';

/** How a watched workload came to its end. */
export type Ending = 'report' | 'done' | 'exited' | 'deadline';

export interface ReportLimits {
  /** From the workload's start. */
  readonly workloadSeconds: number;
  /** After a report's first words, for the rest of it. */
  readonly graceSeconds: number;
}

/**
 * Waits until a started workload has made the kernel report something, is done, or its time is up. Nothing is done to the
 * machine meanwhile: a look at it (SysRq, NMI) is no part of a recording, and a replay would miss it.
 *
 * @throws what the signal was aborted with
 */
export async function awaitReport(
  machine: { readonly console: SerialPort; readonly exit: Promise<unknown> },
  session: AgentSession,
  limits: ReportLimits,
  signal: AbortSignal,
): Promise<Ending> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const fatal = new FatalText();
  let cancel = () => {};
  let listen = (_chunk: string): void => {};
  const spoken = new Promise<Ending>((resolve) => {
    cancel = hostClock.alarm(limits.workloadSeconds * 1000, () => resolve('deadline'));
    listen = (chunk) => {
      if (!fatal.feed(chunk)) return;
      cancel();
      cancel = hostClock.alarm(limits.graceSeconds * 1000, () => resolve('report'));
    };
  });
  const said = (end: Ending): Ending => (fatal.seen === 'none' ? end : 'report');
  listen(machine.console.text());
  machine.console.on('text', listen);
  const done = session.done({ signal: either });
  try {
    return await Promise.race([
      spoken,
      done.then((frame) => (frame === null ? machine.exit.then(() => said('exited')) : said('done'))),
      machine.exit.then(() => said('exited')),
    ]);
  } finally {
    cancel();
    machine.console.off('text', listen);
    over.abort();
    await done.catch(() => {});
  }
}
